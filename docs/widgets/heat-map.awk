# The matrices of a tensor side by side, one for each head, a row for each block. The colour grows with the square root.
function matrix(from, x0, y0, name,   r, c, v, shade) {
  printf "<g transform=\"translate(%d %d)\">\n", x0, y0
  if (name != "") printf "<text class=\"soft\" x=\"%d\" y=\"-5\">%s</text>\n", margin, escaped(name)
  printf "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" style=\"stroke: none; fill: var(--heat-low)\"/>\n", margin, margin, columns * cell, rows * cell
  if (letters) {
    for (r = 0; r < rows; r++) printf "<text class=\"soft\" style=\"font-size: %dpx\" text-anchor=\"middle\" x=\"%d\" y=\"%.1f\" dy=\".35em\">%s</text>\n", size, margin / 2, margin + (r + .5) * cell, letter(label[dims - 1, r])
    for (c = 0; c < columns; c++) printf "<text class=\"soft\" style=\"font-size: %dpx\" text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\" dy=\".35em\">%s</text>\n", size, margin + (c + .5) * cell, margin / 2, letter(label[dims, c])
  }
  for (r = 0; r < rows; r++) for (c = 0; c < columns; c++) {
    v = value[from + r * columns + c + 1]
    if (v == "" || v == 0) continue
    printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"var(--%s)\" fill-opacity=\"%.3f\"/>\n",
           margin + c * cell, margin + r * cell, cell - gap, cell - gap, (v > 0 ? "heat-high" : "cold"), sqrt((v < 0 ? -v : v) / (largest > 0 ? largest : 1))
  }
  print "</g>"
}

END {
  if (!load(1, tensor) || dims < 2) { print "heat-map: " name_of[1] " holds no matrix " tensor > "/dev/stderr"; exit 1 }
  rows = shape[dims - 1]; columns = shape[dims]
  many = 1; for (i = 1; i <= dims - 2; i++) many *= shape[i]
  if (many > 30 || many > 1 && rows * columns > 1100) many = 1  # the first alone: 30 of the larger would fill a book
  across = many == 1 ? 1 : shape[dims - 2]
  largest = 0
  for (i = 1; i <= many * rows * columns; i++) {
    v = value[i] == "" ? 0 : value[i] < 0 ? -value[i] : value[i]
    if (v > largest) largest = v
  }
  worded = 0; for (r = 0; r < rows; r++) if (length(label[dims - 1, r]) > 3) worded = 1
  for (c = 0; c < columns; c++) if (length(label[dims, c]) > 3) worded = 1
  cell = int((640 / across - 30) / columns); if (cell > 18) cell = 18; if (cell < 2) cell = 2
  letters = cell >= 8 && !worded
  gap = cell > 5 ? 1 : 0
  size = cell > 13 ? 13 : cell + (cell < 10)
  margin = letters ? (cell > 11 ? 18 : 12) : 0
  wide = columns * cell + margin + 14; high = rows * cell + margin + (many > 1 ? 28 : 6)
  down = many / across
  printf "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s: %s%d rows by %d columns; the darkest cell is %.4g\">\n",
         across * wide, down * high, across * wide, down * high, escaped(title), (many > 1 ? many " matrices of " : ""), rows, columns, largest
  for (m = 0; m < many; m++) {
    name = ""; left = m
    if (many > 1) for (i = dims - 2; i >= 1; i--) { name = axis[i] " " label[i, left % shape[i]] (name == "" ? "" : ", " name); left = int(left / shape[i]) }
    matrix(m * rows * columns, (m % across) * wide, int(m / across) * high + (many > 1 ? 18 : 0), name)
  }
  print "</svg>"
}
