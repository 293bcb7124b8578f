# Makes the wrong answers of an exercise, FOLDER/NAME.hpp, from how each differs from the reference:
#     awk -v reference=chapters/PART -v folder=FOLDER -f tests/runner/wrong_answers.awk wrong.diff
# An answer begins with "@@ NAME" and "expect: WHAT THE READER IS TOLD". After that come lines of the reference that
# stay, " ", and that go, "-", and lines that come in their place, "+"; an empty line stands between two places.
# Comments and spacing of the reference do not count, so that nobody who edits them has to think of this.

function code(line) {
  sub(/\/\/.*/, "", line)
  gsub(/[ \t]+/, " ", line)
  gsub(/^ | $/, "", line)
  return line
}
function fail(line, sentence) {
  printf "%s:%d: %s: %s\n", FILENAME, line, name, sentence > "/dev/stderr"
  failed = 1
  exit 1
}

# The lines of code are numbered by their own, from 1; line_of says where they stand.
BEGIN {
  while ((getline line < reference) > 0) {
    text[++lines] = line
    if (code(line) != "") {
      code_of[++codes] = code(line)
      line_of[codes] = lines
    }
  }
}

function has(line,    i) {
  for (i = 1; i <= codes; i++) if (code_of[i] == line) return 1
  return 0
}
# How often the lines stay[1 ... stays] stand one after the other; found is before the last time.
function count_places(    i, k, n) {
  for (i = 0; i + stays <= codes; i++) {
    for (k = 1; k <= stays && code_of[i + k] == stay[k]; k++) {}
    if (k > stays) {
      found = i
      n++
    }
  }
  return n
}
function end_of_place(    i, n, at) {
  if (marks == 0) return
  stays = 0
  for (i = 1; i <= marks; i++) if (mark[i] != "+") stay[++stays] = code(said[i])
  if (stays == 0) fail(first, "it does not say where this comes, add a line that stays")
  n = count_places()
  for (i = 1; n == 0 && i <= stays; i++) {
    if (!has(stay[i])) fail(first, reference " no longer has the line \"" stay[i] "\"")
  }
  if (n != 1) fail(first, reference " has these lines in a row " n + 0 " times, expected once")
  at = found
  for (i = 1; i <= marks; i++) {
    if (mark[i] != "+") at++
    if (mark[i] == "+") comes[line_of[at] + 0] = comes[line_of[at] + 0] said[i] "\n"
    if (mark[i] == "-") goes[line_of[at]] = 1
  }
  marks = 0
}
function end_of_answer(    i, file) {
  end_of_place()
  if (name == "") return
  if (reason == "") fail(begins, "it does not say what to expect")
  file = folder "/" name ".hpp"
  printf "// expect: %s\n%s", reason, comes[0] > file
  for (i = 1; i <= lines; i++) {
    if (!(i in goes)) print text[i] > file
    if (i in comes) printf "%s", comes[i] > file
  }
  close(file)
  split("", comes)
  split("", goes)
  reason = ""
}

/^@@ ./ {
  end_of_answer()
  name = substr($0, 4)
  begins = FNR
  if (name in seen) fail(FNR, "there are two of this name")
  seen[name] = 1
  next
}
/^expect: ./ { reason = substr($0, 9); next }
name != "" && /^[-+ ]/ {
  if (marks == 0) first = FNR
  mark[++marks] = substr($0, 1, 1)
  said[marks] = substr($0, 2)
  next
}
/^$/ { end_of_place(); next }
{ fail(FNR, "not understood: " $0) }
END { if (!failed) end_of_answer() }
