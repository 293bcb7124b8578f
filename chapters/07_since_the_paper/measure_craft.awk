# Chapter 6's craft, for measure.sh: reads reports, craft-VARIANT.STEPS.SEED.json. Writes one JSON file (json) and two tables
# in Markdown: laptop on Tiny Shakespeare, and on a text that is so short that it is learned by heart. A run that came to no
# number (its loss is null, and it has no curve) is counted, and is in no mean.
function value(line) { sub(/^[^:]*: */, "", line); sub(/,$/, "", line); return line }
function spread(squares, sum, n) { return n > 1 ? sqrt((squares - sum * sum / n) / (n - 1) + 1e-18) : 0 }
function mean_of(what, key) { return sum[what, key] / good[what, key] }
function shown(what, key,    n) {
  n = good[what, key]
  if (!n) return "no number"
  return sprintf("%.3f", mean_of(what, key)) (n > 1 ? sprintf(" ± %.3f", spread(squares[what, key], sum[what, key], n)) : "") \
    (n < runs[key] ? sprintf(", %d of %d no number", runs[key] - n, runs[key]) : "")
}
function take(what, loss) {
  list[what, key] = list[what, key] (list[what, key] == "" ? "" : ", ") loss
  if (loss == "null") return
  sum[what, key] += loss; squares[what, key] += loss * loss; good[what, key]++
}
function done(    ) { if (key != "") { take("last_val", val); take("last_train", train) } }
FNR == 1 {
  done()
  val = train = "null"
  name = FILENAME
  sub(/.*\/craft-/, "", name)
  split(name, part, ".")
  key = part[1] " " part[2]
  if (!(key in runs)) { order[++rows] = key; of_variant[key] = part[1]; of_steps[key] = part[2] }
  runs[key]++
}
/^  "val_loss":/ { take("lowest_val", value($0)) }
/^      "train":/ { train = value($0) }
/^      "val":/ { val = value($0) }
END {
  done()
  said["all"] = "laptop, as it is"; said["none"] = "none of the four"; said["no-schedule"] = "one learning rate, 0.001"
  said["no-warm-up"] = "no warm-up"; said["no-clipping"] = "no clipping"; said["weak-decay"] = "weight decay 0.01"
  said["long-memory"] = "β₂ = 0.999"; said["dropout"] = "dropout 0.2"; said["short"] = "as it is"; said["short-dropout"] = "dropout 0.2"
  print "[" > json
  print "| laptop with ... | steps | validation loss | against laptop | runs |\n| --- | --- | --- | --- | --- |"
  for (i = 1; i <= rows; i++) {
    key = order[i]
    printf "  {\"variant\": \"%s\", \"steps\": %d, \"runs\": %d, \"lowest_val\": [%s], \"last_val\": [%s], \"last_train\": [%s]}%s\n", of_variant[key], of_steps[key], runs[key], list["lowest_val", key], list["last_val", key], list["last_train", key], (i < rows ? "," : "") > json
    if (of_variant[key] ~ /^short/) continue
    base = "all " of_steps[key]
    difference = (good["lowest_val", key] && good["lowest_val", base] && key != base) ? sprintf("%+.3f", mean_of("lowest_val", key) - mean_of("lowest_val", base)) : ""
    sub(/-/, "−", difference)
    printf "| %s | %d | %s | %s | %d |\n", said[of_variant[key]], of_steps[key], shown("lowest_val", key), difference, runs[key]
  }
  print "]" > json
  print "\n| a short text | steps | lowest validation loss | at the end | training loss at the end | runs |\n| --- | --- | --- | --- | --- | --- |"
  for (i = 1; i <= rows; i++) {
    key = order[i]
    if (of_variant[key] ~ /^short/) printf "| %s | %d | %s | %s | %s | %d |\n", said[of_variant[key]], of_steps[key], shown("lowest_val", key), shown("last_val", key), shown("last_train", key), runs[key]
  }
}
