# Turns one text of the repository, written for GitHub, into a page that Doxygen understands.
#
#   awk -v root=DIR -v docs=DIR -v page=PATH -v parts=DIR -v made=DIR -v data=DIR -v classes=FILE -v headers=FILE \
#       -f docs/filter.awk docs/pages.txt PATH
#
# One line in gives one line out, so that Doxygen's warnings name the right line. What is more than a line (pictures,
# widgets) goes into files in `parts`, which the page pulls in with \htmlinclude. docs/authoring.md is the manual of
# the markers. POSIX awk only: macOS and Debian bring different ones.

function fail(message) {
  printf "%s:%d: %s\n", page, line_number, message > "/dev/stderr"
  failed = 1
}

function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }

function exists(path) { return system("test -e \"" path "\"") == 0 }

function html(s) {
  gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); gsub(/"/, "\\&quot;", s)
  return s
}

# ---------------------------------------------------------------------------------------------- pages and their order

# chapters/02_self_attention/README.md -> chapter_02_self_attention, docs/glossary.md -> glossary
function page_id(path,   id) {
  if (path == "README.md") return "index"
  id = path
  sub(/\/README\.md$/, "", id); sub(/\.md$/, "", id); sub(/^chapters\//, "chapter_", id); sub(/^docs\//, "", id)
  gsub(/[^A-Za-z0-9]/, "_", id)
  return id
}

function page_url(path) { return page_id(path) ".html" }

function first_heading(path,   line, title) {
  title = ""
  while ((getline line < (root "/" path)) > 0)
    if (line ~ /^# /) { title = substr(line, 3); break }
  close(root "/" path)
  gsub(/[`*]/, "", title)
  return trim(title)
}

# A short name stands for the title where there is little room.
function name_of(i) { return names[i] != "" ? names[i] : titles[i] }

function chapter_number(path) {
  return path ~ /^chapters\/[0-9][0-9]_/ ? substr(path, 10, 2) + 0 : 0
}

# --------------------------------------------------------------------------------------------------------------- links

function normalise(path,   parts, n, i, kept, out) {
  n = split(path, parts, "/"); kept = 0
  for (i = 1; i <= n; i++) {
    if (parts[i] == "" || parts[i] == ".") continue
    if (parts[i] == ".." && kept > 0) { kept--; continue }
    stack[++kept] = parts[i]
  }
  out = ""
  for (i = 1; i <= kept; i++) out = out (i > 1 ? "/" : "") stack[i]
  return out
}

# README.md's sections are plain HTML (see below), so links into it are too.
function reference(path, anchor) {
  if (path == "README.md") return anchor == "" ? "@ref index" : "index.html#" anchor
  return "@ref " page_id(path) (anchor == "" ? "" : "--" anchor)
}

function make_link(text, target) {
  if (target ~ /^@ref / && link_is_code) { sub(/^@/, "\\", target); return "<code>" target " \"" text "\"</code>" }
  return "[" text "](" target ")"
}

function link(text, target,   path, anchor, hash) {
  if (target ~ /^[a-z]+:/) return "[" text "](" target ")"
  hash = index(target, "#")
  anchor = hash ? substr(target, hash + 1) : ""
  path = hash ? substr(target, 1, hash - 1) : target
  if (path == "") return make_link(text, reference(page, anchor))
  path = normalise(page_dir "/" path)
  if (!(path in number_of) && (path "/README.md") in number_of) path = path "/README.md"
  if (path in number_of) return make_link(text, reference(path, anchor))
  if ((path in planned) || (path "/README.md") in planned) return text  # not written yet
  if (!exists(root "/" path)) { fail("link to " target ", but there is no " path); return text }
  if (path in is_header) return make_link(text, "@ref " ((anchor in class_file) && class_file[anchor] == path ? "gpt::" anchor : path))
  return text  # a file that the site does not show: its name is enough
}

# ------------------------------------------------------------------------------------------- one line of running text

# Doxygen reads @name, \name, #name and <name> as commands and links; in running text we mean the characters.
function escape_text(s,   out, at) {
  out = ""
  while (match(s, /[@\\#][A-Za-z]|<[A-Za-z_][A-Za-z_0-9]*>/)) {
    at = substr(s, RSTART, RLENGTH)
    out = out substr(s, 1, RSTART - 1)
    if (at ~ /^</) out = out (at ~ /^<(a|b|i|em|strong|kbd|sub|sup|br|code|p|ul|ol|li|div|span|details|summary|table|tr|td|th)>$/ ? at : "\\" at)
    else out = out "\\" at
    s = substr(s, RSTART + RLENGTH)
  }
  return out s
}

function code_span(code,   name) {
  if (in_table && index(code, "|")) { code = html(code); gsub(/\|/, "\\&#124;", code); return "<code>" code "</code>" }
  name = code
  sub(/^gpt::/, "", name)
  if ((name in class_file) && !(name in linked) && !in_link && !in_heading) {
    linked[name] = 1  # the first mention on a page leads to the class reference
    return "<code>\\ref gpt::" name " \"" code "\"</code>"
  }
  if (in_link) return code  # Doxygen takes a link's text as it is
  return code ~ /'/ ? "`` " code " ``" : "`" code "`"
}

function inline(s,   out, plain, c, end, close_at, text, rest, run) {
  out = ""; plain = ""
  while (s != "") {
    if (substr(s, 1, 2) == "$`" && (end = index(substr(s, 3), "`$")) > 0) {
      out = out escape_text(plain) "\\f$" substr(s, 3, end - 1) "\\f$"; plain = ""
      s = substr(s, end + 4)
      continue
    }
    c = substr(s, 1, 1)
    if (c == "`") {
      match(s, /^`+/); run = substr(s, 1, RLENGTH); rest = substr(s, RLENGTH + 1)
      if ((end = index(rest, run)) > 0) {
        out = out escape_text(plain) code_span(trim(substr(rest, 1, end - 1))); plain = ""
        s = substr(rest, end + length(run))
        continue
      }
    }
    if (c == "[" && (close_at = index(s, "](")) > 0 && index(substr(s, 2, close_at - 2), "[") == 0 \
        && (end = index(substr(s, close_at + 2), ")")) > 0) {
      link_is_code = (substr(s, 2, close_at - 2) ~ /^`[^`]*`$/)
      in_link = 1; text = inline(substr(s, 2, close_at - 2)); in_link = 0
      out = out escape_text(plain) link(text, substr(s, close_at + 2, end - 1)); plain = ""
      s = substr(s, close_at + end + 2)
      continue
    }
    # Doxygen leaves **(1, 2)** as it is; GitHub does not.
    if (match(s, /^\*\*[^ *]/) && (end = index(substr(s, 3), "**")) > 0) {
      text = substr(s, 3, end - 1); s = substr(s, end + 4)
      out = out escape_text(plain) "<b>" inline(text) "</b>"; plain = ""
      continue
    }
    plain = plain c
    s = substr(s, 2)
  }
  return out escape_text(plain)
}

# GitHub's name for a heading, so that one link works there and here.
function slug(title,   s, unique) {
  s = tolower(title)
  gsub(/\$`[^`]*`\$/, "", s)
  gsub(/[^a-z0-9 _-]/, "", s); gsub(/ /, "-", s)
  unique = s
  while (unique in slugs) unique = s "-" (++slug_count[s])
  slugs[unique] = 1
  return unique
}

# ---------------------------------------------------------------------------------------------------- pictures, widgets

# Writes what follows into a file of its own and returns the line that pulls it in.
function open_include() {
  close(include_path)
  include_name = page_id(page) "-" (++include_count) ".html"
  include_path = parts "/" include_name
  printf "" > include_path
  return "\\htmlinclude[block] " include_name
}

function copy_into(path,   line) {
  while ((getline line < path) > 0)
    if (line !~ /^<\?xml|^<!DOCTYPE/) print picture_links(line) > include_path
  close(path)
}

# A picture's links are written as paths from docs/figures: to a text, and to a class as its header, `#`, its name.
function picture_links(line,   out) {
  out = ""
  while (match(line, /href="\.\.\/[^"]*"/)) {
    out = out substr(line, 1, RSTART + 5) picture_link(substr(line, RSTART + 6, RLENGTH - 7)) "\""
    line = substr(line, RSTART + RLENGTH)
  }
  return out line
}

function picture_link(target,   hash, path, anchor) {
  hash = index(target, "#")
  anchor = hash ? substr(target, hash + 1) : ""
  path = normalise("docs/figures/" (hash ? substr(target, 1, hash - 1) : target))
  if (path in number_of) return page_url(path) (anchor == "" ? "" : "#" (path == "README.md" ? "" : page_id(path) "--") anchor)
  if ((anchor in class_file) && class_file[anchor] == path) return class_kind[anchor] "gpt_1_1" anchor ".html"
  fail("a picture links to " target ", which is neither a text of docs/pages.txt nor a class in its header")
  return "#"
}

# A picture made from the reader's own run stands before the shipped one of the same name.
function find_picture(name,   i, base) {
  split(made "/" name ".svg\n" made "/" name ".html\n" root "/docs/figures/" name ".svg\n" root "/docs/figures/" name ".html", base, "\n")
  for (i = 1; i <= 4; i++) if (exists(base[i])) return base[i]
  return ""
}

function caption_html(s) {
  s = html(s)
  while (match(s, /`[^`]+`/)) s = substr(s, 1, RSTART - 1) "<code>" substr(s, RSTART + 1, RLENGTH - 2) "</code>" substr(s, RSTART + RLENGTH)
  return s
}

function figure(name, caption, class,   path) {
  path = find_picture(name)
  if (path == "") { fail("there is no picture " name " (docs/figures/" name ".svg, .html or .dot)"); return }
  printf "<figure class=\"%s\">\n<div class=\"figure-body\">\n", class > include_path
  copy_into(path)
  print "</div>" > include_path
  if (caption != "") print "<figcaption>" caption_html(caption) "</figcaption>" > include_path
  print "</figure>" > include_path
}

# An image line `![caption](path/name.svg)`: svg under docs/figures is put into the page, where it can follow the theme.
function image_parts(line) {
  if (line !~ /^!\[[^]]*\]\([^)]*\)[ \t]*$/) return 0
  image_alt = substr(line, 3, index(line, "](") - 3)
  image_target = substr(line, index(line, "](") + 2)
  sub(/\)[ \t]*$/, "", image_target); sub(/ ".*"$/, "", image_target)
  image_path = normalise(page_dir "/" image_target)
  return 1
}

function image_name(path) { sub(/^docs\/figures\//, "", path); sub(/\.svg$/, "", path); return path }

function image(   base) {
  if (image_path ~ /^docs\/figures\/[^\/]+\.svg$/) { figure(image_name(image_path), image_alt, "figure"); return }
  if (!exists(root "/" image_path)) { fail("image " image_target ", but there is no " image_path); return }
  base = image_path; gsub(/\//, "-", base)
  print image_path " " base >> (parts "/images.txt")
  printf "<figure class=\"figure\"><img src=\"images/%s\" alt=\"%s\"><figcaption>%s</figcaption></figure>\n",
         base, html(image_alt), caption_html(image_alt) > include_path
}

# `NAME key=value key="two words"` -> options["key"]; returns NAME
function read_options(s,   name, key, value) {
  for (key in options) delete options[key]
  s = trim(s)
  match(s, /^[^ \t]+/); name = substr(s, 1, RLENGTH); s = trim(substr(s, RLENGTH + 1))
  while (match(s, /^[a-z]+=("[^"]*"|[^ \t"]+)/)) {
    value = substr(s, 1, RLENGTH); s = trim(substr(s, RLENGTH + 1))
    key = substr(value, 1, index(value, "=") - 1); value = substr(value, index(value, "=") + 1)
    gsub(/^"|"$/, "", value)
    options[key] = value
  }
  if (s != "") fail("cannot read \"" s "\" in this marker: expected key=value")
  return name
}

# Each script once a page; `defer` keeps them in order and runs them when the page stands.
function script(path) {
  if (path in loaded) return
  loaded[path] = 1
  print "<script src=\"" path "\" defer></script>" > include_path
}

function data_script(kind, name) {
  if (!exists(data "/" kind "/" name ".js")) {
    fail("there is no " (kind == "traces" ? "trace" : "report") " \"" name "\" (docs/runs/" name (kind == "traces" ? ".trace" : "") ".json)")
    return
  }
  script(kind "/" name ".js")
}

# The still picture of a widget that has a script to draw it: docs/widgets/NAME.awk, from the data and the options.
function still(name,   command, key, kind, list, n, i, path, line, drawn) {
  command = "awk"
  for (key in options) if (key !~ /^(trace|report|caption|picture)$/) {
    if (options[key] ~ /'/) { fail("an option of a widget cannot hold '"); return }
    command = command " -v '" key "=" options[key] "'"
  }
  command = command " -f '" docs "/data.awk' -f '" docs "/widgets/" name ".awk'"
  kind = ("trace" in options) ? "trace" : "report"
  n = split(options[kind], list, ",")
  for (i = 1; i <= n; i++) {
    path = data "/" kind "s/" list[i] ".js"
    if (!exists(path)) return  # data_script() says so
    command = command " '" path "'"
  }
  print "<figure class=\"figure\">\n<div class=\"figure-body\">" > include_path
  while ((command | getline line) > 0) { print line > include_path; drawn = 1 }
  close(command)
  if (!drawn) fail("widget " name " finds nothing to draw in its data")
  print "</div>" > include_path
  if (options["caption"] != "") print "<figcaption>" caption_html(options["caption"]) "</figcaption>" > include_path
  print "</figure>" > include_path
}

function widget(spec,   name, key, list, n, i, attributes, first) {
  name = read_options(spec)
  if (!exists(docs "/widgets/" name ".js")) { fail("there is no widget " name " (docs/widgets/" name ".js)"); return }
  attributes = ""
  for (key in options) attributes = attributes " data-" key "=\"" html(options[key]) "\""
  printf "<div class=\"widget\" data-widget=\"%s\"%s>\n<div class=\"widget-static\">\n", name, attributes > include_path
  if (image_parts(lines[i_line + 1])) { i_line++; skipped++; image() }
  else if ("picture" in options) figure(options["picture"], options["caption"], "figure")
  else if (exists(docs "/widgets/" name ".awk")) still(name)
  else if ("report" in options) { first = options["report"]; sub(/,.*/, "", first); figure(first, options["caption"], "figure") }
  else if (exists(docs "/widgets/" name ".html")) copy_into(docs "/widgets/" name ".html")
  else fail("widget " name " needs a picture for readers without JavaScript: put an image on the line after the marker")
  print "</div>\n</div>" > include_path
  n = split(options["trace"], list, ",")
  for (i = 1; i <= n; i++) data_script("traces", list[i])
  n = split(options["report"], list, ",")
  for (i = 1; i <= n; i++) data_script("reports", list[i])
  script("widgets/" name ".js")
}

function end_beside() {
  print "</div><div class=\"beside-picture\">" > include_path
  figure(beside, beside_caption, "figure")
  print "</div></div>" > include_path
  script("widgets/beside.js")
  beside = ""
}

# A block of what changed: lines that went, came and stayed, told apart by sign and by colour, with or without scripts.
function open_changes() { print open_include(); print "<div class=\"fragment diff\">" > include_path }

function change(line,   sign, comment, tag) {
  sign = substr(line, 1, 1); line = substr(line, 2)
  comment = ""
  if (match(line, /(^| )\/\/( |\/)/)) { comment = substr(line, RSTART); line = substr(line, 1, RSTART - 1) }
  line = html(line) (comment == "" ? "" : "<span class=\"comment\">" html(comment) "</span>")
  tag = sign == "+" ? "ins" : "del"
  if (sign == "+" || sign == "-") line = "<" tag ">" sign line "</" tag ">"
  else line = sign line
  print "<div class=\"line\">" line "</div>" > include_path
}

function close_changes() { print "</div>" > include_path }

function source_link(path, name) {
  sub(/#.*$/, "", path)
  if (name == "") name = path
  return (path in is_header) ? "\\ref " path " \"" name "\"" : "<code>" name "</code>"
}

function base_name(path) { sub(/#.*$/, "", path); sub(/^.*\//, "", path); return path }

# ----------------------------------------------------------------------------------------------- what the search finds

# One record a section: page, heading, address, words. build.sh puts the pages' records together.
function json(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); gsub(/\t/, " ", s); return "\"" s "\"" }

function remember(line) {
  gsub(/\$`[^`]*`\$/, " ", line)
  gsub(/\]\([^)]*\)/, "", line)
  gsub(/[`*|\[]|<[^>]*>|^#+ /, "", line)
  gsub(/ +/, " ", line)
  if (line !~ /^[ :-]*$/) section_text = section_text " " trim(line)
}

function end_section(next_heading, next_anchor) {
  if (section_heading != "" || section_text != "")
    print "[" json(name_of(number_of[page])) "," json(section_heading) "," \
          json(page_url(page) (section_anchor == "" ? "" : "#" section_anchor)) "," json(trim(section_text)) "]," > (parts "/sections-" page_id(page) ".js")
  section_heading = next_heading; section_anchor = next_anchor; section_text = ""
}

# ------------------------------------------------------------------------------------------------ around a page's text

function page_meta(   n, minutes, words) {
  n = chapter_number(page)
  words = word_count
  minutes = int(words / 200 + 1)
  return "\\htmlonly[block]<p class=\"page-meta\">" (n ? "<span>Chapter " n " of 6</span>" : "") \
         "<span>" minutes (minutes == 1 ? " minute" : " minutes") " to read</span></p>\\endhtmlonly"
}

function turn(i, class, label) {
  if (i < 1 || i > page_count) return "<span></span>"
  return "<a class=\"" class "\" rel=\"" class "\" href=\"" page_url(paths[i]) "\"><small>" label "</small><span>" \
         (chapter_number(paths[i]) ? chapter_number(paths[i]) ". " : "") html(name_of(i)) "</span></a>"
}

function page_turns(   i) {
  i = number_of[page]
  return "\\htmlonly[block]<nav class=\"page-turns\" aria-label=\"Previous and next page\">" \
         turn(i - 1, "prev", "Previous") turn(i + 1, "next", "Next") "</nav>\\endhtmlonly"
}

# For build.sh: the tree in the words of the cards and of the links below each page, and the same as plain links for
# readers without scripts.
function tree_names(   i, label, sed, list) {
  sed = parts "/tree.sed"; list = parts "/pages.html"
  printf "" > sed; printf "" > list
  for (i = 2; i <= page_count; i++) {
    label = (chapter_number(paths[i]) ? chapter_number(paths[i]) ". " : "") name_of(i)
    gsub(/"/, "", label)
    print "<li><a href=\"$relpath^" page_url(paths[i]) "\">" html(label) "</a></li>" > list
    gsub(/[&|\\]/, "\\\\&", label)
    print "s|\\[ \"[^\"]*\", \"" page_url(paths[i]) "\",|[ \"" label "\", \"" page_url(paths[i]) "\",|" > sed
  }
}

# The landing page: promise, start button, and the chapters as a staircase down the loss.
function landing(   line, i, n, href, first) {
  first = ""
  for (i = 1; i <= page_count; i++) if (chapter_number(paths[i]) == 1) first = page_url(paths[i])
  if (first == "" && page_count > 1) first = page_url(paths[2])
  while ((getline line < (docs "/theme/landing.html")) > 0) {
    if (line ~ /@START@/) gsub(/@START@/, first == "" ? "index.html" : first, line)
    if (line ~ /@CARDS@/) cards()
    else print line > include_path
  }
  close(docs "/theme/landing.html")
}

function cards(   i, n) {
  print "<ol class=\"cards\">" > include_path
  for (i = 1; i <= page_count; i++) {
    n = chapter_number(paths[i])
    if (!n) continue
    # Bars run from 1.0 to ln 65 = 4.17, the loss of a model that knows nothing.
    printf "<li><a class=\"card\" href=\"%s\" style=\"--share:%.3f\"><b>%d</b><strong>%s</strong><span>%s</span>" \
           "<small>loss <em>%s</em></small></a></li>\n",
           page_url(paths[i]), (losses[i] - 1.0) / (2.6 - 1.0), n, html(name_of(i)), html(summaries[i]), losses[i] > include_path
  }
  print "</ol>" > include_path
}

# ------------------------------------------------------------------------------------------------------------ the page

BEGIN {
  page_dir = page
  if (!sub(/\/[^\/]*$/, "", page_dir)) page_dir = "."
  while (classes != "" && (getline line < classes) > 0) { split(line, part, " "); class_file[part[1]] = part[2]; class_kind[part[1]] = part[3] }
  while (headers != "" && (getline line < headers) > 0) is_header[line] = 1
}

FNR == NR {
  if ($0 ~ /^#/ || $0 !~ /\|/) next
  split($0, field, "|")
  path = trim(field[1])
  if (!exists(root "/" path)) { planned[path] = 1; next }
  paths[++page_count] = path; number_of[path] = page_count
  names[page_count] = trim(field[2]); summaries[page_count] = trim(field[3]); losses[page_count] = trim(field[4])
  titles[page_count] = first_heading(path)
  next
}

{ sub(/\r$/, ""); lines[++line_count] = $0; word_count += NF }

END {
  fence = ""; meta_done = 0
  for (i_line = 1; i_line <= line_count; i_line++) {
    line_number = i_line; skipped = 0
    line = lines[i_line]
    if (fence != "" && changes) {
      if (trim(line) == fence) { close_changes(); fence = "" }
      else change(line)
      print ""
      continue
    }
    if (fence != "") {
      if (!math) remember(line)
      if (trim(line) == fence) { if (math) print "\\f]"; else print line; fence = ""; if (beside != "") after_fence = 1 }
      else print line
      continue
    }
    if (after_fence) {  # the picture beside the code that has just ended
      after_fence = 0
      print open_include()
      end_beside()
      if (trim(line) == "") continue
    }
    if (line ~ /^[ ]*(```|~~~)/) {
      match(line, /(```+|~~~+)/)
      fence = substr(line, RSTART, RLENGTH)
      language = trim(substr(line, RSTART + RLENGTH))
      math = (language == "math"); changes = (language == "diff")
      if (math) print "\\f["
      else if (changes) open_changes()
      else print substr(line, 1, RSTART - 1) fence "{." (language ~ /^(cpp|c\+\+)$/ ? "cpp" : language ~ /^(py|python)$/ ? "py" : "unparsed") "}"
      continue
    }
    if (line ~ /^<!-- *(widget|figure|code|beside|changed): .*-->[ \t]*$/) {
      spec = line; sub(/^<!-- */, "", spec); sub(/ *-->[ \t]*$/, "", spec)
      kind = substr(spec, 1, index(spec, ":") - 1); spec = trim(substr(spec, index(spec, ":") + 1))
      if (kind == "widget") { print open_include(); widget(spec) }
      else if (kind == "figure") {
        name = read_options(spec)
        print open_include()
        if (image_parts(lines[i_line + 1])) { i_line++; skipped++; figure(name, image_alt, "figure") }
        else figure(name, options["caption"], "figure")
      } else if (kind == "changed") {
        if (split(spec, pair, " ") != 2) fail("`changed:` takes two sources, the old and the new one")
        print "<div class=\"quote-origin\">from " source_link(pair[1], base_name(pair[1])) " (−) to " source_link(pair[2], base_name(pair[2])) " (+)</div>"
      } else {
        name = read_options(spec)
        source = name; sub(/#.*$/, "", source)
        origin = "<div class=\"quote-origin\">" source_link(source) "</div>"
        if (kind == "beside") {
          if (!("picture" in options)) fail("beside needs picture=NAME")
          beside = options["picture"]; beside_caption = options["caption"]
          print "\\htmlonly[block]<div class=\"beside\"><div class=\"beside-code\">\\endhtmlonly " origin
        } else print origin
      }
      for (; skipped > 0; skipped--) print ""
      continue
    }
    if (line ~ /^<!-- *github only *-->[ \t]*$/) github_only = 1
    if (line ~ /^<!-- *end of github only *-->[ \t]*$/) github_only = 0
    if (github_only || line ~ /^<!--.*-->[ \t]*$/) { print ""; continue }
    if (image_parts(line)) { print open_include(); image(); continue }
    if (line ~ /^# /) {
      if (page == "README.md") { print "# Bardling"; continue }
      print "# " trim(substr(line, 3)) " {#" page_id(page) "}"
      continue
    }
    if (!meta_done && i_line > 1 && trim(line) == "") {
      meta_done = 1
      if (page == "README.md") { print open_include(); landing() }
      else print page_meta() " [TOC]"
      continue
    }
    if (line ~ /^##+ /) {
      match(line, /^#+/); marks = substr(line, 1, RLENGTH); title = trim(substr(line, RLENGTH + 1))
      in_heading = 1
      # Sections of the first page would stand among the chapters in the tree, so there they are plain HTML.
      anchor = slug(title)
      if (page != "README.md") anchor = page_id(page) "--" anchor
      heading = title
      gsub(/[`*]/, "", heading)
      end_section(heading, anchor)
      if (page == "README.md") printf "<h%d id=\"%s\">%s</h%d>\n", length(marks) - 1, anchor, inline(title), length(marks) - 1
      else print marks " " inline(title) " {#" anchor "}"
      in_heading = 0
      continue
    }
    in_table = (line ~ /^[ \t]*\|/)
    remember(line)
    print inline(line)
  }
  end_section("", "")
  if (github_only) fail("`<!-- github only -->` is never ended (`<!-- end of github only -->`)")
  if (fence != "") fail("the last code block is never closed")
  if (beside != "") {
    print ""
    print open_include()
    end_beside()
  }
  print ""
  if (page == "README.md") {
    tree_names()
    # The order of \subpage is the order of the pages in the tree.
    print "<div class=\"page-order\">"
    for (i = 2; i <= page_count; i++) print "\\subpage " page_id(paths[i])
    print "</div>"
  } else print page_turns()
  exit failed
}
