# The table of measure.sh: reads reports, VOCABULARY.STEPS.SEED.json, writes one JSON file (json), a picture (svg) and the
# table in Markdown. It stops if two runs gave the same number, which would mean that an option did nothing.
function value(line) { sub(/^[^:]*: */, "", line); sub(/,$/, "", line); gsub(/"/, "", line); return line }
function fail(message) { print "measure.sh: " message > "/dev/stderr"; failed = 1; exit 1 }
function spread(squares, sum, n) { return n > 1 ? sqrt((squares - sum * sum / n) / (n - 1) + 1e-18) : 0 }

FNR == 1 {
  name = FILENAME
  sub(/.*\//, "", name)
  split(name, part, ".")
  key = part[1]; steps = part[2]
  if (!(key in runs)) order[++rows] = key
  runs[key]++
}
/^  "parameters":/ { parameters[key] = value($0) }
/^  "batch":/ { batch = value($0) }
/^  "context":/ { context = value($0) }
/^  "step_ms_median":/ { ms[key] += value($0) }
/^  "val_loss":/ { loss = value($0); losses[key] += loss }
/^  "bits_per_character":/ {
  bits = value($0)
  sum[key] += bits; squares[key] += bits * bits
  list[key] = list[key] (list[key] == "" ? "" : ", ") bits
  if (bits in seen) fail(name " and " seen[bits] " gave the same number")
  seen[bits] = name
  # loss / ln 2 / bits: how much text a token is
  characters[key] = loss / log(2) / bits
}
END {
  if (failed) exit 1
  print "[" > json
  print "| vocabulary | parameters | characters a token | loss, in nats a token | bits per character | ± | characters read | characters a second | runs |"
  print "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
  for (i = 1; i <= rows; i++) {
    key = order[i]; n = runs[key]
    m = sum[key] / n; d = spread(squares[key], sum[key], n)
    read = steps * batch * context * characters[key] / 1e6
    rate = batch * context * characters[key] / (ms[key] / n) * 1000
    printf "| %s | %d | %.2f | %.3f | %.3f | %s | %.2f million | %d | %d |\n", key, parameters[key], characters[key], losses[key] / n, m, (n > 1 ? sprintf("%.3f", d) : ""), read, rate, n
    printf "  {\"vocabulary\": \"%s\", \"steps\": %d, \"runs\": %d, \"parameters\": %d, \"characters_per_token\": %.4f, \"val_loss\": %.4f, \"bits_per_character\": %.4f, \"deviation\": %.4f, \"all\": [%s], \"characters_a_second\": %d}%s\n", key, steps, n, parameters[key], characters[key], losses[key] / n, m, d, list[key], rate, (i < rows ? "," : "") > json
  }
  print "]" > json
  draw()
}

# A dot for each run, a bar for each mean.
function draw(    i, k, n, key, low, high, all, y) {
  low = 1e9; high = 0
  for (i = 1; i <= rows; i++) {
    n = split(list[order[i]], all, ", ")
    for (k = 1; k <= n; k++) { if (all[k] + 0 < low) low = all[k] + 0; if (all[k] + 0 > high) high = all[k] + 0 }
  }
  low -= 0.02; high += 0.02
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 470 %d\" role=\"group\" aria-label=\"Bits per character after %d steps, one dot a run\" style=\"max-width:520px\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#6b667c\">\n", 62 + 24 * rows, steps > svg
  y = 32
  for (i = 1; i <= rows; i++) {
    key = order[i]
    n = split(list[key], all, ", ")
    printf "<text x=\"8\" y=\"%d\" fill=\"#211d30\">%s</text>\n<g class=\"role-loss\">\n", y, (key == "characters" ? "characters" : key " pieces") > svg
    printf "<path d=\"M%.1f %dV%d\" fill=\"none\" stroke=\"#a3285d\" stroke-width=\"3\" style=\"stroke:var(--loss, #a3285d)\"/>\n", at_x(sum[key] / n, low, high), y - 13, y + 4 > svg
    for (k = 1; k <= n; k++)
      printf "<circle class=\"box\" cx=\"%.1f\" cy=\"%d\" r=\"4.5\" fill=\"#f9dfe9\" stroke=\"#a3285d\"/>\n", at_x(all[k], low, high), y - 5 > svg
    printf "</g>\n<text x=\"462\" y=\"%d\" text-anchor=\"end\">%.3f</text>\n", y, sum[key] / n > svg
    y += 24
  }
  printf "<text x=\"100\" y=\"%d\">%.2f</text>\n<text x=\"462\" y=\"%d\" text-anchor=\"end\">%.2f: bits per character after %d steps</text>\n</svg>\n", y + 8, low, y + 8, high, steps > svg
}
function at_x(x, low, high) { return 100 + 310 * (x - low) / (high - low) }
