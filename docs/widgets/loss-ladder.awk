# The chapters' validation losses as a ladder: what each adds takes the loss down.
END {
  low = 9; high = 0
  for (f = 1; f <= files; f++) {
    val[f] = number_field(text[f], "val_loss"); published[f] = number_field(text[f], "published_val_loss")
    if (val[f] == "") { print "loss-ladder: " name_of[f] " has no val_loss" > "/dev/stderr"; exit 1 }
    if (val[f] > high) high = val[f]
    if (val[f] < low) low = val[f]
    if (published[f] != "" && published[f] > high) high = published[f]
    if (published[f] != "" && published[f] < low) low = published[f]
  }
  low -= .15
  print "<ol class=\"ladder\">"
  for (f = 1; f <= files; f++) {
    variant = text_field(text[f], "variant"); name = text_field(text[f], "title")
    printf "<li data-report=\"%s\" data-val=\"%.4f\"><b>%d</b><span>%s</span><span class=\"ladder-bar\"><i style=\"width:%.2f%%\"></i>%s</span><em>%.3f</em><small>%s</small></li>\n",
      name_of[f], val[f], number_field(text[f], "chapter"), escaped(name), 100 * (val[f] - low) / (high - low),
      (published[f] == "" ? "" : sprintf("<u style=\"left:%.2f%%\"></u>", 100 * (published[f] - low) / (high - low))), val[f],
      (published[f] == "" ? "" : sprintf("published %.2f", published[f]))
  }
  print "</ol>"
  printf "<p class=\"legend\">Validation loss. Bars begin at %.2f; the upright line is the published figure.</p>\n", low
}
