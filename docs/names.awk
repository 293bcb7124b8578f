# Reads Doxygen's tag file: one record for each class, function and header that the search can find.

function between(tag,   s) {
  s = $0
  sub("^.*<" tag ">", "", s); sub("</" tag ">.*$", "", s)
  gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&amp;/, "\\&", s)
  return s
}

function record(name, kind, where, url) {
  if (name == "" || seen[name, url]++) return
  sub(/^gpt::/, "", name); sub(/^gpt::/, "", where)
  gsub(/"/, "\\\"", name)
  printf "[\"%s\",\"%s\",\"%s\",\"%s\"],\n", name, kind, where == "gpt" ? "" : where, url
}

/<compound kind=/ { kind = $0; sub(/^.*kind="/, "", kind); sub(/".*$/, "", kind); compound = ""; in_member = 0 }
/<member kind=/ { member_kind = $0; sub(/^.*kind="/, "", member_kind); sub(/".*$/, "", member_kind); in_member = 1; name = "" }
/<name>/ { if (in_member) name = between("name"); else if (compound == "") compound = between("name") }
/<filename>/ && !in_member {
  file = between("filename")
  if (file !~ /\.html$/) file = file ".html"
  if (kind == "class" || kind == "struct" || kind == "concept") record(compound, kind, "", file)
  if (kind == "file") record(compound, "header", "", file)
}
/<anchorfile>/ { anchorfile = between("anchorfile") }
/<anchor>/ { anchor = between("anchor") }
/<\/member>/ {
  in_member = 0
  if (name !~ /^~/) record(name, member_kind, kind == "file" ? "" : compound, anchorfile "#" anchor)
}
