# Depth, for measure.sh: reads reports, depth-PLACE_BLOCKS_TRAINING_INITIAL.STEPS.SEED.json, and beside each the line
# .gradients of its trace. Writes one JSON file (json), a picture of the gradients of 24 blocks (svg) and a table
# in Markdown.
function value(line) { sub(/^[^:]*: */, "", line); sub(/,$/, "", line); return line }
function spread(squares, sum, n) { return n > 1 ? sqrt((squares - sum * sum / n) / (n - 1) + 1e-18) : 0 }
# The length of each block's gradient, all of its weights together: from the line of a trace, before (0) and after (1).
function read_gradients(file, key,    line, labels, values, names, numbers, n, i, l, when, sum) {
  if ((getline line < file) <= 0) return
  close(file)
  match(line, /"parameter":\[[^]]*\]/); labels = substr(line, RSTART + 13, RLENGTH - 14)
  match(line, /"values":\[[^]]*\]/); values = substr(line, RSTART + 10, RLENGTH - 11)
  n = split(labels, names, ","); split(values, numbers, ",")
  for (when = 0; when < 2; when++) {
    split("", sum)
    for (i = 1; i <= n; i++) {
      gsub(/"/, "", names[i])
      if (names[i] !~ /^blocks\./) continue
      split(names[i], part, ".")
      sum[part[2]] += numbers[when * n + i] ^ 2
    }
    for (l in sum) gradients[key, when, l] += sqrt(sum[l])
  }
  traced[key]++
}
function by_block(key, when,    l, all) {
  for (l = 0; (key, when, l) in gradients; l++) all = all (l ? ", " : "") sprintf("%.4g", gradients[key, when, l] / traced[key])
  return all
}
FNR == 1 {
  name = FILENAME
  sub(/.*\/depth-/, "", name)
  split(name, part, ".")
  key = part[1]; steps = part[2]
  if (!(key in runs)) order[++rows] = key
  runs[key]++
  file = FILENAME
  sub(/json$/, "gradients", file)
  read_gradients(file, key)
}
/^  "val_loss":/ {
  loss = value($0)
  list[key] = list[key] (list[key] == "" ? "" : ", ") loss
  if (loss == "null") { failed[key]++; next }
  sum[key] += loss; squares[key] += loss * loss; good[key]++
}
function cell(key,    n) {
  if (!(key in runs)) return ""
  if (failed[key] == runs[key]) return "no number"
  n = good[key]
  return sprintf("%.2f", sum[key] / n) (n > 1 ? sprintf(" ± %.2f", spread(squares[key], sum[key], n)) : "") \
    (failed[key] ? sprintf(", %d of %d no number", failed[key], runs[key]) : "")
}
END {
  split("pytorch gpt-2", initials, " "); split("plain warm-up", trainings, " ")
  split("pre post none", places, " "); split("3 12 24", depths, " ")
  said["pytorch"] = "PyTorch's"; said["gpt-2"] = "GPT-2's"; said["plain"] = "no"; said["warm-up"] = "yes"
  said["pre"] = "pre-norm"; said["post"] = "post-norm"; said["none"] = "no norm"
  print "| initial weights | warm-up | | 3 blocks | 12 blocks | 24 blocks | lowest : highest of 24, first step | at the end | runs |"
  print "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
  print "[" > json
  for (i = 1; i <= 2; i++) for (t = 1; t <= 2; t++) for (p = 1; p <= 3; p++) {
    line = "| " said[initials[i]] " | " said[trainings[t]] " | " said[places[p]] " |"
    least = 1e9; most = 0
    for (d = 1; d <= 3; d++) {
      key = places[p] "_" depths[d] "_" trainings[t] "_" initials[i]
      line = line " " cell(key) " |"
      n = (key in runs) ? runs[key] : 0
      if (n < least) least = n
      if (n > most) most = n
      if (!n) continue
      printf "%s  {\"variant\": \"%s\", \"steps\": %d, \"runs\": %d, \"val_losses\": [%s],\n   \"first_gradient_by_block\": [%s],\n   \"last_gradient_by_block\": [%s]}", (count++ ? ",\n" : ""), key, steps, n, list[key], by_block(key, 0), by_block(key, 1) > json
    }
    if (most) print line ratio(key, 0) ratio(key, 1) " " (least < most ? least " to " : "") most " |"
  }
  print "\n]" > json
  draw()
}
# " 0.53 |": the gradient of the lowest block by that of the highest.
function ratio(key, when) {
  return " " ((key, when, 23) in gradients ? sprintf("%.2g", gradients[key, when, 0] / gradients[key, when, 23]) : "") " |"
}
# The lengths in 24 blocks on a scale of tens, a line for each place and moment.
function draw(    w, p, key, l, d, low, high, x, y, e, i) {
  low = 1e9; high = -1e9
  for (p = 1; p <= 3; p++) for (w = 0; w < 2; w++) {
    key = places[p] "_24_plain_pytorch"
    for (l = 0; (key, w, l) in gradients; l++) {
      x = log(gradients[key, w, l] / traced[key]) / log(10)
      if (x < low) low = x
      if (x > high) high = x
    }
  }
  if (high < low) return
  low = int(low) - 1; high = int(high + 1)
  print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 460 350\" role=\"group\" aria-label=\"Length of the gradient of each of 24 blocks, before the first step and after " steps " steps, on a scale of tens\" style=\"max-width:560px\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#6b667c\">" > svg
  for (e = low; e <= high; e++) {
    y = 300 - 280 * (e - low) / (high - low)
    printf "<path d=\"M52 %.1fH308\" stroke=\"#8a8499\" stroke-opacity=\"0.35\" fill=\"none\"/>\n", y > svg
    if (e % 2 == 0) printf "<text class=\"soft\" x=\"44\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", y + 4, (e > -4 ? 10 ^ e : "1e" e) > svg
  }
  for (p = 1; p <= 3; p++) for (w = 0; w < 2; w++) {
    key = places[p] "_24_plain_pytorch"
    d = ""
    for (l = 0; (key, w, l) in gradients; l++) {
      y = 300 - 280 * (log(gradients[key, w, l] / traced[key]) / log(10) - low) / (high - low)
      d = d (l ? "L" : "M") sprintf("%.1f %.1f", 58.4 + 243.2 * l / 23, y)
    }
    if (d == "") continue
    role = p == 1 ? "residual" : p == 2 ? "query" : "key"
    colour = p == 1 ? "#1d6b47" : p == 2 ? "#a8431a" : "#2b5aa8"
    printf "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\" style=\"stroke:var(--%s, %s)%s\"/>\n", d, colour, role, colour, (w ? "" : ";stroke-dasharray:5 4") > svg
    label_y[++labels] = y; label[labels] = said[places[p]] (w ? ", at the end" : ", first step")
  }
  # Names beside the ends, pushed apart where they would touch.
  for (i = 1; i <= labels; i++) for (l = i + 1; l <= labels; l++) if (label_y[l] < label_y[i]) {
    y = label_y[i]; label_y[i] = label_y[l]; label_y[l] = y; d = label[i]; label[i] = label[l]; label[l] = d
  }
  for (i = 1; i <= labels; i++) {
    if (i > 1 && label_y[i] < label_y[i - 1] + 16) label_y[i] = label_y[i - 1] + 16
    printf "<text x=\"311\" y=\"%.1f\" fill=\"#211d30\">%s</text>\n", label_y[i] + 4, label[i] > svg
  }
  print "<text class=\"soft\" x=\"58\" y=\"322\">lowest block</text>\n<text class=\"soft\" x=\"302\" y=\"322\" text-anchor=\"end\">highest block</text>" > svg
  print "<text class=\"soft\" x=\"52\" y=\"343\">Dashed: before the first step. Solid: after " steps " steps.</text>\n</svg>" > svg
}
