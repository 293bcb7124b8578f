# Draws the first matrix of a trace as a still picture, for readers without JavaScript and for print: the last two axes
# of the first tensor, index 0 on all axes before them; the colour grows with the square root. See docs/authoring.md for the trace's JSON.

function list(key,   rest, at) {
  at = match(text, "\"" key "\"[ ]*:[ ]*\\[")
  if (!at) return ""
  rest = substr(text, at + RLENGTH)
  return substr(rest, 1, index(rest, "]") - 1)
}

{ text = text $0 " " }

END {
  dims = split(list("shape"), shape, ",")
  count = split(list("values"), value, ",")
  rows = shape[dims - 1] + 0; columns = shape[dims] + 0
  if (dims < 2 || count < rows * columns) { print "heat.awk: the first tensor holds no matrix" > "/dev/stderr"; exit 1 }
  largest = 0
  for (i = 1; i <= rows * columns; i++) {
    v = value[i] + 0
    if (v < 0) v = -v
    if (v > largest) largest = v
  }
  cell = columns > 32 ? 8 : 16
  printf "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"A matrix of %d rows and %d columns; the darkest cell is %.4g\">\n",
         columns * cell, rows * cell, columns * cell, rows * cell, rows, columns, largest
  print "<rect class=\"box\" width=\"100%\" height=\"100%\"/>"
  for (r = 0; r < rows; r++) for (c = 0; c < columns; c++) {
    v = value[r * columns + c + 1] + 0
    if (v == 0) continue
    printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"var(--%s)\" fill-opacity=\"%.3f\"/>\n",
           c * cell, r * cell, cell - 1, cell - 1, (v > 0 ? "heat-high" : "cold"), sqrt((v < 0 ? -v : v) / (largest > 0 ? largest : 1))
  }
  print "</svg>"
}
