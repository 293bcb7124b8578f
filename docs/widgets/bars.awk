# Numbers as bars in a table: a row for each entry of one axis, a column for each trace, or for each entry of the other axis.
function row_name(s) {
  if (s ~ /^(.*\.)?blocks\.[0-9]+/ && group) { sub(/^.*blocks\./, "block ", s); sub(/\..*/, "", s); return s }
  if (group) { sub(/^body\./, "", s); sub(/\..*/, "", s); gsub(/_/, " ", s); return s }
  if (s == "embedded") return "embeddings"
  gsub(/blocks\./, "block ", s); sub(/\.read$/, ", attention", s); sub(/\.thought$/, ", feed-forward", s)
  return s
}
function add(name, column, v) {
  if (!(name in known)) { known[name] = 1; order[++entries] = name }
  # Parts of a group are added up as the sides of a right angle.
  table[name, column] = group ? sqrt(table[name, column] ^ 2 + v ^ 2) : v
}
function significant(v,   s) { s = sprintf("%.3g", v); return s }

END {
  if (rows == "") rows = tensor == "stream" ? "after" : tensor == "gradients" ? "parameter" : "next"
  group = rows == "parameter"
  longest = 1  # the trace with the most rows sets their order
  for (f = 1; f <= files; f++) { load(f, tensor); if (shape[axis[1] == rows ? 1 : 2] > size) { size = shape[axis[1] == rows ? 1 : 2]; longest = f } }
  if (group && load(longest, tensor)) for (i = 0; i < size; i++) {
    s = row_name(label[axis[1] == rows ? 1 : 2, i])
    if (!(s in known)) { known[s] = 1; order[++entries] = s }
  }
  for (f = 1; f <= files; f++) {
    if (!load(f, tensor) || dims != 2) { print "bars: " name_of[f] " holds no table " tensor > "/dev/stderr"; exit 1 }
    a = axis[1] == rows ? 1 : 2; other = 3 - a
    by_trace = files > 1 || shape[other] > 5
    for (i = 0; i < shape[a]; i++) {
      total = 0
      for (j = 0; j < shape[other]; j++) {
        v = a == 1 ? value[i * shape[2] + j + 1] : value[j * shape[2] + i + 1]
        if (!by_trace) add(row_name(label[a, i]), j + 1, v)
        else total += v
        if (j == 0) first = v
      }
      # A trace's column shows the mean over positions, or the first step.
      if (by_trace) add(row_name(label[a, i]), f, axis[other] == "position" ? total / shape[other] : first)
    }
    if (by_trace) { columns = files; head[f] = short_title(f) }
    else { columns = shape[other]; for (j = 0; j < columns; j++) head[j + 1] = axis[other] " " label[other, j] }
  }
  if (rows == "next") {  # the likeliest, by the column whose label is 1, else by the first
    by = 1; for (c = 1; c <= columns; c++) if (head[c] ~ / 1$/) by = c
    for (i = 1; i <= entries && i <= 10; i++) for (k = i + 1; k <= entries; k++)
      if (table[order[k], by] > table[order[i], by]) { s = order[i]; order[i] = order[k]; order[k] = s }
    if (entries > 10) entries = 10
  }
  largest = 0
  for (i = 1; i <= entries; i++) for (c = 1; c <= columns; c++) if (table[order[i], c] > largest) largest = table[order[i], c]
  role = tensor == "stream" ? "residual" : tensor == "gradients" ? "loss" : "activation"
  printf "<div class=\"bars-box\"><table class=\"numbers bars role-%s\"><thead><tr><th></th>", role
  for (c = 1; c <= columns; c++) printf "<th scope=\"col\">%s</th>", escaped(head[c])
  print "</tr></thead><tbody>"
  for (i = 1; i <= entries; i++) {
    printf "<tr data-row=\"%s\"><th scope=\"row\">%s</th>", escaped(order[i]), rows == "next" ? letter(order[i]) : escaped(order[i])
    for (c = 1; c <= columns; c++) {
      v = table[order[i], c]
      if ((order[i], c) in table && v != "") printf "<td><span class=\"bar\" style=\"width:%.2f%%\"></span>%s</td>", 100 * v / (largest ? largest : 1), significant(v)
      else printf "<td></td>"
    }
    print "</tr>"
  }
  print "</tbody></table></div>"
}
