# The table of measure.sh: reads reports, VARIANT.STEPS.SEED.json, writes one JSON file (json), a picture of the runs of
# `drawn` steps (svg) and the table in Markdown.
# It stops if two variants gave the same numbers, which would mean that an option did nothing, or if a variant's weights
# are more than 1 % from chapter 6's. A run that came to no number (its loss is null) is counted, and is in no mean.
function value(line) { sub(/^[^:]*: */, "", line); sub(/,$/, "", line); gsub(/"/, "", line); return line }
function fail(message) { print "measure.sh: " message > "/dev/stderr"; failed = 1; exit 1 }
function number(form, sum, n) { return n ? sprintf(form, sum / n) : "null" }
function cell(form, sum, n) { return n ? sprintf(form, sum / n) : "" }
function spread(squares, sum, n) { return n > 1 ? sqrt((squares - sum * sum / n) / (n - 1) + 1e-18) : 0 }

FNR == 1 {
  name = FILENAME
  sub(/.*\//, "", name)
  split(name, part, ".")
  variant = part[1]; steps = part[2]
  key = steps " " variant
  if (!(key in runs)) { order[++rows] = key; of_steps[key] = steps; of_variant[key] = variant }
  runs[key]++
  looks = 0
}
/^  "parameters":/ { parameters[key] = value($0) }
/^  "variant":/ { words[key] = value($0) }
/^  "step_ms_median":/ { ms[key] += value($0) }
/^  "val_loss":/ {
  loss = value($0)
  list[key] = list[key] (list[key] == "" ? "" : ", ") loss
  if (loss == "null") next
  sum[key] += loss; squares[key] += loss * loss; good[key]++
  dots[key] = dots[key] " " loss
  if ((steps, part[3], loss) in seen) fail(variant " and " seen[steps, part[3], loss] " gave the same loss with seed " part[3])
  seen[steps, part[3], loss] = variant
}
/^      "step":/ { at = value($0) }
/^      "val":/ {
  if (at == 0) first[key] += value($0)
  if (at == 500) early[key] += value($0)
}
END {
  if (failed) exit 1
  for (i = 1; i <= rows; i++) {
    key = order[i]
    if (!good[key]) continue
    off = parameters[key] / 209729 - 1
    if (off > 0.01 || off < -0.01) fail(of_variant[key] " has " parameters[key] " parameters, not within 1 % of 209729")
  }
  print "[" > json
  print "| variant | steps | runs | parameters | loss at first | at step 500 | at the end | deviation | cache, bytes |"
  print "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
  for (i = 1; i <= rows; i++) {
    key = order[i]; n = good[key] + 0
    split(words[key], word, " ")
    cache = 2 * 4 * 32 * word[5] * 16 * 4  # L = 4 blocks, T = 32, G heads of 16 numbers, 4 bytes each
    d = spread(squares[key], sum[key], n)
    at_end = n ? cell("%.3f", sum[key], n) (n < runs[key] ? sprintf(", %d of %d no number", runs[key] - n, runs[key]) : "") : "no number"
    printf "| %s | %d | %d | %s | %s | %s | %s | %s | %s |\n", of_variant[key], of_steps[key], runs[key], parameters[key], cell("%.3f", first[key], n), cell("%.3f", early[key], n), at_end, (n > 1 ? sprintf("%.3f", d) : ""), (n ? cache : "")
    printf "  {\"variant\": \"%s\", \"parts\": \"%s\", \"steps\": %d, \"runs\": %d, \"parameters\": %s, \"first_loss\": %s, \"loss_at_500\": %s, \"val_loss\": %s, \"deviation\": %.4f, \"val_losses\": [%s], \"step_ms\": %s, \"cache_bytes\": %s}%s\n", of_variant[key], words[key], of_steps[key], runs[key], (n ? parameters[key] : "null"), number("%.4f", first[key], n), number("%.4f", early[key], n), number("%.4f", sum[key], n), d, list[key], number("%.2f", ms[key], n), (n ? cache : "null"), (i < rows ? "," : "") > json
  }
  print "]" > json
  draw()
}

# A dot for each run that came to a number, a bar for each mean; chapter 6's runs as a band behind all.
function draw(    i, k, n, key, low, high, loss, losses, y, width, count) {
  low = 1e9; high = 0
  for (i = 1; i <= rows; i++) {
    key = order[i]
    if (of_steps[key] != drawn) continue
    count++
    n = split(dots[key], losses, " ")
    for (k = 1; k <= n; k++) { loss = losses[k] + 0; if (loss < low) low = loss; if (loss > high) high = loss }
  }
  if (high < low) return
  low -= 0.005; high += 0.005
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 470 %d\" role=\"group\" aria-label=\"Validation losses after %d steps, one dot a run\" style=\"max-width:520px\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#6b667c\">\n", 62 + 24 * count, drawn > svg
  key = drawn " chapter-6"
  if (good[key]) {
    n = split(dots[key], losses, " "); width = 0; y = 1e9
    for (k = 1; k <= n; k++) { if (losses[k] < y) y = losses[k]; if (losses[k] > width) width = losses[k] }
    printf "<rect x=\"%.1f\" y=\"14\" width=\"%.1f\" height=\"%d\" fill=\"#8a8499\" fill-opacity=\"0.18\"/>\n", at_x(y, low, high) - 5, at_x(width, low, high) - at_x(y, low, high) + 10, 24 * count + 8 > svg
  }
  y = 32
  for (i = 1; i <= rows; i++) {
    key = order[i]
    if (of_steps[key] != drawn) continue
    n = split(dots[key], losses, " ")
    printf "<text x=\"8\" y=\"%d\" fill=\"#211d30\">%s</text>\n<g class=\"role-loss\">\n", y, of_variant[key] > svg
    if (n) printf "<path d=\"M%.1f %dV%d\" fill=\"none\" stroke=\"#a3285d\" stroke-width=\"3\" style=\"stroke:var(--loss, #a3285d)\"/>\n", at_x(sum[key] / n, low, high), y - 13, y + 4 > svg
    for (k = 1; k <= n; k++)
      printf "<circle class=\"box\" cx=\"%.1f\" cy=\"%d\" r=\"4.5\" fill=\"#f9dfe9\" stroke=\"#a3285d\"/>\n", at_x(losses[k], low, high), y - 5 > svg
    printf "</g>\n<text x=\"462\" y=\"%d\" text-anchor=\"end\">%s</text>\n", y, (n ? cell("%.3f", sum[key], n) : "no number") > svg
    y += 24
  }
  printf "<text x=\"100\" y=\"%d\">%.2f</text>\n<text x=\"462\" y=\"%d\" text-anchor=\"end\">%.2f: validation loss after %d steps</text>\n</svg>\n", y + 8, low, y + 8, high, drawn > svg
}
function at_x(loss, low, high) { return 100 + 310 * (loss - low) / (high - low) }
