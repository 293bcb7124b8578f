# One text of the repository against the sources that it quotes. docs/quote.sh calls this for every text:
#
#   awk -v text=PATH -v mode=check|update -f docs/quote.awk PATH
#
# Both modes print the text with its quotes filled anew; `check` says what differs. POSIX awk only.

function complain(message, at) {
  printf "%s:%d: %s\n", text, (at ? at : NR), message > "/dev/stderr"
  bad = 1
}

# ------------------------------------------------------------------------------------------------- reading a source

# chapters/02_self_attention/head.hpp#forward: the lines between its two markers `//! [forward]`, without other markers
# and common indentation; without #forward the whole file. They go to source[1 .. size].
function read_source(spec,   hash, path, name, line, inside, seen, opened) {
  hash = index(spec, "#")
  path = hash ? substr(spec, 1, hash - 1) : spec
  name = hash ? substr(spec, hash + 1) : ""
  size = 0; inside = opened = (name == "")
  while ((seen = (getline line < path)) > 0) {
    if (line ~ /^[ \t]*\/\/! \[[^]]*\][ \t]*$/) {
      if (name != "" && index(line, "[" name "]")) { inside = !inside; opened = 1 }
      continue
    }
    if (inside) source[++size] = line
  }
  close(path)
  if (seen < 0) { complain("cannot read " path ", whose code is quoted here"); return 0 }
  if (!opened) { complain(path " has no lines `//! [" name "]` around the code that is quoted here"); return 0 }
  if (name != "" && inside) { complain(path ": the marker `//! [" name "]` stands there once; it must stand before and after"); return 0 }
  outdent()
  return 1
}

function outdent(   i, least) {
  least = 999
  for (i = 1; i <= size; i++) if (source[i] ~ /[^ \t]/) { match(source[i], /^ */); if (RLENGTH < least) least = RLENGTH }
  for (i = 1; i <= size; i++) source[i] = substr(source[i], least + 1)
}

# What every file has says nothing about a change: the head, the includes, the namespace, the comments of the reference.
function without_frame(   i, kept, line) {
  kept = 0
  for (i = 1; i <= size; i++) {
    line = source[i]
    if (line ~ /^[ \t]*\/\/\/([^<]|$)/ || line ~ /^#(include|pragma) /) continue
    if (line == "namespace gpt {" || line == "}  // namespace gpt") continue
    if (line !~ /[^ \t]/ && (kept == 0 || source[kept] !~ /[^ \t]/)) continue
    source[++kept] = line
  }
  while (kept > 0 && source[kept] !~ /[^ \t]/) kept--
  size = kept
}

# ------------------------------------------------------------------------------- what changed between two sources

# Fills source[1 .. size] with the lines of a diff. Not by the program diff: its results differ from one system to the
# next, and a line that is only spaced otherwise has not changed for a reader.
function read_change(spec,   names, before, after, n, m, i) {
  if (split(spec, names, " ") != 2) { complain("`changed:` takes two sources, the old and the new one"); return 0 }
  if (!read_source(names[1])) return 0
  without_frame()
  n = size
  for (i = 1; i <= n; i++) before[i] = source[i]
  if (!read_source(names[2])) return 0
  without_frame()
  m = size
  for (i = 1; i <= m; i++) after[i] = source[i]
  align(before, n, after, m)
  join_neighbours()
  if (!show_changes()) { complain(names[1] " and " names[2] " do not differ"); return 0 }
  return 1
}

function key(line) { gsub(/[ \t]+/, " ", line); return line }

# A line of words counts more than a bracket: brackets are alike everywhere.
function weight(line) { return line ~ /[A-Za-z]/ ? 10 : 1 }

# The longest common subsequence, by weight. Fills kind[1 .. steps] with " ", "-", "+" and said[] with the lines.
function align(before, n, after, m,   best, i, j) {
  for (i = n + 1; i >= 1; i--) for (j = m + 1; j >= 1; j--) {
    if (i > n || j > m) { best[i, j] = 0; continue }
    best[i, j] = best[i + 1, j] > best[i, j + 1] ? best[i + 1, j] : best[i, j + 1]
    if (key(before[i]) == key(after[j]) && best[i + 1, j + 1] + weight(after[j]) > best[i, j])
      best[i, j] = best[i + 1, j + 1] + weight(after[j])
  }
  steps = 0; i = j = 1
  while (i <= n || j <= m) {
    if (i <= n && j <= m && key(before[i]) == key(after[j]) && best[i, j] == best[i + 1, j + 1] + weight(after[j])) {
      kind[++steps] = " "; said[steps] = after[j]; i++; j++
    } else if (i <= n && (j > m || best[i + 1, j] >= best[i, j + 1])) {
      kind[++steps] = "-"; said[steps] = before[i++]
    } else {
      kind[++steps] = "+"; said[steps] = after[j++]
    }
  }
}

# Two changes with nothing between them but brackets and empty lines read better as one. In each, what went stands
# before what came.
function join_neighbours(   i, j, k, count, old_kind, old_said) {
  for (i = 2; i <= steps; i = j + 1) {
    for (j = i; j <= steps && kind[j] == " " && said[j] !~ /[A-Za-z]/; j++) { }
    if (j > i && j <= steps && kind[i - 1] != " " && kind[j] != " ")
      for (k = i; k < j; k++) kind[k] = "="
  }
  for (i = 1; i <= steps; i++) { old_kind[i] = kind[i]; old_said[i] = said[i] }
  count = 0
  for (i = 1; i <= steps; i = j) {
    if (old_kind[i] == " ") { kind[++count] = " "; said[count] = old_said[i]; j = i + 1; continue }
    for (j = i; j <= steps && old_kind[j] != " "; j++)
      if (old_kind[j] != "+") { kind[++count] = "-"; said[count] = old_said[j] }
    for (j = i; j <= steps && old_kind[j] != " "; j++)
      if (old_kind[j] != "-") { kind[++count] = "+"; said[count] = old_said[j] }
  }
  steps = count
}

# Two lines around each change are kept; three dots stand for two or more that are not.
function show_changes(   i, j, k, near, changes) {
  changes = 0
  for (i = 1; i <= steps; i++) if (kind[i] != " ") {
    changes++
    for (j = i - 2; j <= i + 2; j++) near[j] = 1
  }
  size = 0
  for (i = 1; i <= steps; i = j) {
    for (j = i; j <= steps && !(j in near); j++) { }
    if (j - i > 1) source[++size] = " ..."
    else if (j > i) source[++size] = " " said[i]
    else { source[++size] = kind[i] said[i]; j = i + 1 }
    sub(/[ \t]+$/, "", source[size])
  }
  return changes
}

# ---------------------------------------------------------------------------------------------------------- the text

function compare(   i, most) {
  most = size > quoted ? size : quoted
  for (i = 1; i <= most; i++) if (i > size || i > quoted || source[i] != quote[i]) {
    complain((changed ? "what changed in " : "the quote of ") spec " differs from its source in line " i, fence_at + i)
    printf "    source: %s\n    quote:  %s\n", (i <= size ? source[i] : "(ends)"), (i <= quoted ? quote[i] : "(ends)") > "/dev/stderr"
    return
  }
}

function finish(   i) {
  if (mode == "check") { compare(); return }
  for (i = 1; i <= size; i++) print source[i]
}

function after_colon(line) { sub(/^<!-- *[a-z]+: */, "", line); sub(/ *-->[ \t]*$/, "", line); return line }

BEGIN { state = "text" }
state == "quote" {
  if ($0 ~ /^```[ \t]*$/) { finish(); state = "text"; print }
  else quote[++quoted] = $0
  next
}
state == "fence" { print; if ($0 ~ /^(```|~~~)[ \t]*$/) state = "text"; next }
state == "marker" {
  if ($0 ~ (changed ? "^```diff" : "^```")) {
    print; quoted = 0; fence_at = NR
    state = (changed ? read_change(spec) : read_source(spec)) ? "quote" : "fence"
    next
  }
  complain("the line after the marker of " spec " must open its code block (" (changed ? "```diff" : "```cpp") ")")
  state = "text"
}
/^(```|~~~)/ { state = "fence"; print; next }
/^<!-- *(code|beside): / { changed = 0; spec = $3; state = "marker"; print; next }
/^<!-- *changed: / { changed = 1; spec = after_colon($0); state = "marker"; print; next }
{ print }
END {
  if (state == "marker" || state == "quote") complain("the text ends before the quote of " spec " does")
  exit bad
}
