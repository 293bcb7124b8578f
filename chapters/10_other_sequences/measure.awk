# The table of measure.sh: reads reports, VARIANT.SEED.json, prints how often each variant was right, of every kind of
# question, as mean, lowest and highest over its seeds, and writes the same to one JSON file (json).
function value(line) { sub(/^[^:]*: */, "", line); sub(/,$/, "", line); gsub(/"/, "", line); return line }

FNR == 1 {
  variant = FILENAME
  sub(/.*\//, "", variant)
  sub(/\..*/, "", variant)
  if (!(variant in runs)) order[++variants] = variant
  runs[variant]++
}
/^  "parameters":/ { parameters[variant] = value($0) }
/^  "steps":/ { steps[variant] = value($0) }
/^  "val_loss":/ { loss[variant] += value($0) }
/^      "name":/ {
  name = value($0)
  if (!((variant, name) in sum)) { names[variant, ++count[variant]] = name; low[variant, name] = 2; high[variant, name] = -1 }
}
/^      "share":/ {
  share = value($0)
  sum[variant, name] += share
  list[variant, name] = list[variant, name] (list[variant, name] == "" ? "" : ", ") share
  if (share < low[variant, name]) low[variant, name] = share
  if (share > high[variant, name]) high[variant, name] = share
}
END {
  print "| variant | weights | steps | runs | right | mean | lowest | highest |"
  print "| --- | --- | --- | --- | --- | --- | --- | --- |"
  print "[" > json
  for (i = 1; i <= variants; i++) {
    v = order[i]
    for (k = 1; k <= count[v]; k++) {
      n = names[v, k]
      printf "| %s | %d | %d | %d | %s | %.1f %% | %.1f %% | %.1f %% |\n", v, parameters[v], steps[v], runs[v], n, 100 * sum[v, n] / runs[v], 100 * low[v, n], 100 * high[v, n]
      printf "  {\"variant\": \"%s\", \"parameters\": %d, \"steps\": %d, \"val_loss\": %.4f, \"right\": \"%s\", \"shares\": [%s]}%s\n", v, parameters[v], steps[v], loss[v] / runs[v], n, list[v, n], (i == variants && k == count[v] ? "" : ",") > json
    }
  }
  print "]" > json
}
