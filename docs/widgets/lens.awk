# What each block would already say: a row for each position, a column for each block, in a cell the likeliest character
# and its probability; the last column is what stands there in the text.
END {
  if (!load(1, tensor == "" ? "lens" : tensor) || dims != 3) { print "lens: " name_of[1] " holds no lens" > "/dev/stderr"; exit 1 }
  L = shape[1]; T = shape[2]; V = shape[3]
  print "<div class=\"lens-box\"><table class=\"numbers lens\"><caption>The likeliest next character after each part, and its probability</caption>"
  printf "<thead><tr><th scope=\"col\">after</th>"
  for (l = 0; l < L; l++) {
    name = label[1, l]
    if (name == "embedded") name = "embeddings"
    sub(/\.[a-z]+$/, "", name); gsub(/blocks\./, "block ", name)
    printf "<th scope=\"col\">%s</th>", escaped(name)
  }
  print "<th scope=\"col\">in the text</th></tr></thead><tbody>"
  for (t = 0; t < T; t++) {
    printf "<tr><th scope=\"row\">%s</th>", letter(label[2, t])
    for (l = 0; l < L; l++) {
      best = 0; at = (l * T + t) * V
      for (k = 1; k < V; k++) if (value[at + k + 1] > value[at + best + 1]) best = k
      p = value[at + best + 1]
      printf "<td data-block=\"%d\" data-position=\"%d\"%s style=\"--p:%.3f\"><b>%s</b> %.2f</td>", l, t, (t + 1 < T && label[3, best] == label[2, t + 1] ? " class=\"right\"" : ""), p, letter(label[3, best]), p
    }
    printf "<td class=\"next\">%s</td></tr>\n", t + 1 < T ? letter(label[2, t + 1]) : ""
  }
  print "</tbody></table></div>"
}
