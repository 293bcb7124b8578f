# One sample as it comes to be: for each step a bar of the likeliest characters, as wide as they are likely; the one that
# was drawn is in full colour.
END {
  if (!load(1, tensor == "" ? "path" : tensor) || dims != 2) { print "sample-path: " name_of[1] " holds no path" > "/dev/stderr"; exit 1 }
  n = shape[1]; V = shape[2]
  print "<ol class=\"path\">"
  for (t = 0; t < n; t++) {
    drawn = 0
    for (k = 0; k < V; k++) if (label[2, k] == label[1, t]) drawn = k
    split("", used)
    printf "<li data-step=\"%d\"><b>%s</b><span class=\"path-bar\">", t, letter(label[1, t])
    left = 1
    for (i = 0; i < V && left > .02; i++) {
      best = -1
      for (k = 0; k < V; k++) if (!(k in used) && (best < 0 || value[t * V + k + 1] > value[t * V + best + 1])) best = k
      p = value[t * V + best + 1]
      if (p < .03) break
      used[best] = 1; left -= p
      printf "<i%s style=\"flex-grow:%.4f\">%s</i>", (best == drawn ? " class=\"drawn\"" : ""), p, letter(label[2, best])
    }
    p = value[t * V + drawn + 1]
    if (!(drawn in used)) { printf "<i class=\"drawn unlikely\" style=\"flex-grow:%.4f\">%s</i>", p, letter(label[1, t]); left -= p }
    if (left > .0005) printf "<i class=\"rest\" style=\"flex-grow:%.4f\"></i>", left
    printf "</span><small>%.3f</small></li>\n", p
  }
  print "</ol>"
}
