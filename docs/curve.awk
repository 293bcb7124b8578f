# Draws the loss curve of a run's report as a still picture, for readers without JavaScript and for print.
# Reads the "curve" list of {"step", "train", "val"} out of the report's JSON.

function number(object, key,   rest) {
  if (!match(object, "\"" key "\"[ ]*:[ ]*[-0-9.eE+]+")) return ""
  rest = substr(object, RSTART, RLENGTH)
  sub(/^[^:]*:[ ]*/, "", rest)
  return rest + 0
}

function points(column,   i, out) {
  out = ""
  for (i = 1; i <= n; i++) if (value[i, column] != "") out = out x(step[i]) "," y(value[i, column]) " "
  return out
}

function x(s) { return sprintf("%.1f", 56 + 560 * (s - first) / (last > first ? last - first : 1)) }
function y(v) { return sprintf("%.1f", 250 - 220 * (v - low) / (high > low ? high - low : 1)) }

{ text = text $0 " " }

END {
  n = 0
  if (match(text, /"curve"[ ]*:[ ]*\[[^]]*\]/)) {
    count = split(substr(text, RSTART, RLENGTH), object, "}")
    for (i = 1; i < count; i++) {
      n++
      step[n] = number(object[i], "step"); value[n, "train"] = number(object[i], "train"); value[n, "val"] = number(object[i], "val")
    }
  }
  low = 1e9; high = -1e9; first = step[1]; last = step[n]
  for (i = 1; i <= n; i++) {
    if (value[i, "train"] != "" && value[i, "train"] < low) low = value[i, "train"]
    if (value[i, "train"] != "" && value[i, "train"] > high) high = value[i, "train"]
    if (value[i, "val"] != "" && value[i, "val"] < low) low = value[i, "val"]
    if (value[i, "val"] != "" && value[i, "val"] > high) high = value[i, "val"]
  }
  low = int(low * 5) / 5; high = (int(high * 5) + 1) / 5
  print "<svg viewBox=\"0 0 640 290\" class=\"chart\" role=\"img\" aria-label=\"Loss over " last " steps\">"
  for (v = low; v <= high + 1e-6; v += (high - low) / 4)
    printf "<line class=\"grid\" x1=\"56\" x2=\"616\" y1=\"%s\" y2=\"%s\"/><text x=\"48\" y=\"%s\" text-anchor=\"end\" dy=\".32em\">%.2f</text>\n", y(v), y(v), y(v), v
  for (i = 0; i <= 4; i++)
    printf "<text x=\"%s\" y=\"272\" text-anchor=\"middle\">%d</text>\n", x(first + (last - first) * i / 4), first + (last - first) * i / 4
  print "<polyline class=\"line-train\" points=\"" points("train") "\"/>"
  print "<polyline class=\"line-val\" points=\"" points("val") "\"/>"
  printf "<text x=\"616\" y=\"20\" text-anchor=\"end\">solid: validation %.3f, dashed: training %.3f (%s)</text>\n", value[n, "val"], value[n, "train"], origin
  print "</svg>"
}
