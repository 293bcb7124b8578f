# What the stills of widgets share: reads a run's trace or report, as build.sh wraps it into a script for the page.
#   awk -v OPTION=VALUE ... -f docs/data.awk -f docs/widgets/NAME.awk data/traces/A.js data/traces/B.js
# Still pictures stand in print, and for readers without JavaScript; the scripts take them over where they can.

FNR == 1 { files++; match(FILENAME, /[^\/]+$/); name_of[files] = substr(FILENAME, RSTART, RLENGTH - 3) }
{ text[files] = text[files] $0 "\n" }

function escaped(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); gsub(/"/, "\\&quot;", s); return s }

# A letter that can be seen.
function letter(s) { return s == "\n" ? "↵" : s == " " ? "␣" : escaped(s) }

function after_key(s, key,   at) {
  at = match(s, "\"" key "\"[ ]*:[ ]*")
  return at ? substr(s, RSTART + RLENGTH) : ""
}

# The JSON string that s begins with; what comes after it is left in `rest`.
function string(s,   i, c, out) {
  out = ""
  for (i = 2; i <= length(s); i++) {
    c = substr(s, i, 1)
    if (c == "\"") break
    if (c == "\\") {
      c = substr(s, ++i, 1)
      if (c == "n") c = "\n"; else if (c == "t") c = "\t"; else if (c == "r") c = "\r"
      else if (c == "u") { c = "�"; i += 4 }
    }
    out = out c
  }
  rest = substr(s, i + 1)
  return out
}

# Lists: of numbers (null becomes "") and of strings, into `out`; both return how many there are.
function numbers(s, out,   n, i) {
  s = substr(s, 2, index(s, "]") - 2)
  n = split(s, out, ",")
  for (i = 1; i <= n; i++) out[i] = out[i] ~ /null/ ? "" : out[i] + 0
  return n
}
function strings(s, out,   n) {
  n = 0
  while (match(s, /^[\[, \n]*"/)) { out[++n] = string(substr(s, RLENGTH)); s = rest }
  rest = s
  return n
}

function text_field(s, key) { s = after_key(s, key); return s ~ /^"/ ? string(s) : "" }
function number_field(s, key) { s = after_key(s, key); return match(s, /^-?[0-9.]+([eE][-+]?[0-9]+)?/) ? substr(s, 1, RLENGTH) + 0 : "" }

# Takes the first tensor of a trace whose name holds `wanted` (of several, "a,b", the first): dims, shape[1..], axis[1..], label[i, k] from k = 0,
# value[1..], title. Returns 0 if there is none.
function load(file, wanted,   n, part, i, j, k, s, list, count_labels) {
  n = split(text[file], part, /\{[ ]*"name"[ ]*:[ ]*/)
  sub(/,.*/, "", wanted)
  for (i = 2; i <= n; i++) {
    s = string(part[i])
    if (wanted == "" || index(s, wanted)) break
  }
  if (i > n) return 0
  tensor_name = s
  title = text_field(part[i], "title")
  dims = numbers(after_key(part[i], "shape"), shape)
  strings(after_key(part[i], "axes"), axis)
  values = numbers(after_key(part[i], "values"), value)
  for (j = 1; j <= dims; j++) {
    s = after_key(part[i], "labels")
    s = substr(s, 1, index(s, "\"values\"") ? index(s, "\"values\"") : length(s))
    s = after_key(s, axis[j])
    split("", list)
    count_labels = s == "" ? 0 : strings(s, list)
    for (k = 0; k < shape[j]; k++) label[j, k] = count_labels ? list[k + 1] : k ""
  }
  return 1
}

# "plain", or "chapter 4" where there is nothing to choose.
function short_title(file,   part) {
  split(text_field(text[file], "run"), part, ", ")
  return part[2] ~ / steps$/ || part[2] == "" ? part[1] : part[2]
}
function origin_of(file,   s) { s = text[file]; sub(/^.*\{origin: "/, "", s); sub(/".*$/, "", s); return s }
function whose(file,   run) {
  run = text_field(text[file], "run")
  return (run == "" ? "" : escaped(run) "; ") origin_of(file)
}
