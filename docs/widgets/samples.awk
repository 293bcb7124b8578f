# What a model says at several moments of its training.
END {
  print "<ol class=\"samples\">"
  for (f = 1; f <= files; f++) {
    said = text_field(text[f], "sample"); steps = number_field(text[f], "steps"); loss = number_field(text[f], "val_loss")
    sub(/^\n+/, "", said)
    if (length(said) > 200) { said = substr(said, 1, 200); sub(/[^ \n]*$/, "", said); said = said "…" }
    printf "<li data-report=\"%s\"><p><b>%s</b> loss %.3f</p><pre>%s</pre></li>\n", name_of[f],
           (steps == 0 ? "untrained" : steps " steps"), loss, escaped(said)
  }
  print "</ol>"
}
