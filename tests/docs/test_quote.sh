#!/bin/sh
# docs/quote.sh on a small tree of its own: it must find a quote that differs, mend it, and say what it cannot read.
# shellcheck disable=SC2016  # backquotes stand for themselves
set -eu
quote=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/docs" "$tree/chapters/01_one"
printf '%s\n' 'class A {' '  //! [body]' '  int f() {' '    //! [inner]' '    return 1;' '    //! [inner]' '  }' '  //! [body]' '};' '//! [once]' \
  > "$tree/chapters/01_one/a.hpp"
text=$tree/chapters/01_one/README.md

write() {  # marker, then the quote's lines
  marker=$1; shift
  { printf '%s\n' '# One' '' "<!-- code: chapters/01_one/a.hpp#$marker -->" '```cpp'; printf '%s\n' "$@"; printf '%s\n' '```' '' 'After.'; } > "$text"
}
expect() {  # description, expected exit code, words the message must hold, options
  description=$1; code=$2; words=$3; shift 3
  result=0
  said=$(sh "$quote" --root "$tree" "$@" 2>&1) || result=$?
  if [ "$result" != "$code" ]; then printf '%s\n' "$description: exit code $result, expected $code. It said: $said"; exit 1; fi
  case $said in *"$words"*) ;; *) printf '%s\n' "$description: expected \"$words\" in: $said"; exit 1 ;; esac
}

write body 'int f() {' '  return 1;' '}'
expect "an equal quote passes, without indentation and inner markers" 0 ""
write body 'int f() {' '  return 2;' '}'
expect "a changed quote is found" 1 "chapters/01_one/README.md:6: the quote of chapters/01_one/a.hpp#body differs from its source in line 2"
expect "a changed quote is shown" 1 "source:   return 1;"
expect "--update mends it" 0 "brought chapters/01_one/README.md up to date" --update
expect "a mended quote passes" 0 ""
grep -q '^After\.$' "$text" || { echo "--update lost the text after the quote"; exit 1; }
write inner 'return 1;'
expect "a marker inside another one's code" 0 ""
write gone 'int x;'
expect "a marker that is not in the source" 1 'has no lines `//! [gone]`'
write once 'int x;'
expect "a marker without its second half" 1 "must stand before and after"
expect "--update refuses it" 1 "must stand before and after" --update
grep -q '^int x;$' "$text" || { echo "--update changed a text that it could not mend"; exit 1; }
printf '%s\n' '# One' '<!-- code: chapters/01_one/b.hpp#body -->' '```cpp' '```' > "$text"
expect "a source that is not there" 1 "cannot read chapters/01_one/b.hpp"
printf '%s\n' '# One' '<!-- code: chapters/01_one/a.hpp#body -->' 'words' > "$text"
expect "a marker without a code block" 1 "must open its code block"

# ---- what changed between two sources
mkdir -p "$tree/chapters/02_two"
printf '%s\n' '/// @file a.hpp' '#include <b>' 'namespace gpt {' '' '/// Old words.' 'class A {' ' public:' '  int one() { return 1; }    // a' \
  '  int two() { return 2; }' '  int three() { return 3; }' '  int four() { return 4; }' '  int five() { return 5; }' '};' '' '}  // namespace gpt' \
  > "$tree/chapters/01_one/old.hpp"
printf '%s\n' '/// @file b.hpp' '#include <c>' '' 'namespace gpt {' '' '/// New words.' 'class A {' ' public:' '  int one() { return 10; }  // a' \
  '  int two() { return 2; }' '  int three() { return 3; }' '  int four()  { return 4; }' '  int five() { return 5; }' '};' '' '}  // namespace gpt' \
  > "$tree/chapters/02_two/new.hpp"
sources='chapters/01_one/old.hpp chapters/02_two/new.hpp'
changed() {  # the block's lines
  { printf '%s\n' '# One' '' "<!-- changed: $sources -->" '```diff'; [ $# = 0 ] || printf '%s\n' "$@"; printf '%s\n' '```' '' 'After.'; } > "$text"
}
changed
expect "an empty change is filled" 0 "brought chapters/01_one/README.md up to date" --update
expected=$(printf '%s\n' ' class A {' '  public:' '-  int one() { return 1; }    // a' '+  int one() { return 10; }  // a' \
  '   int two() { return 2; }' '   int three() { return 3; }' ' ...')
got=$(sed -n '/^```diff$/,/^```$/p' "$text" | sed '1d;$d')
[ "$got" = "$expected" ] || { printf '%s\n' "a change leaves out heads, comments and spacing; expected" "$expected" "got" "$got"; exit 1; }
expect "a change that holds passes" 0 ""
sed 's/return 10/return 11/' "$tree/chapters/02_two/new.hpp" > "$tree/new" && mv "$tree/new" "$tree/chapters/02_two/new.hpp"
expect "a source that moved on is found" 1 "README.md:8: what changed in $sources differs from its source in line 4"
expect "--update takes it over" 0 "up to date" --update
printf '%s\n' 'void f() {' '//! [x]' '  a();' '  b();' '}' '//! [x]' > "$tree/chapters/01_one/old.hpp"
printf '%s\n' '//! [y]' 'a();' 'c();' '}' '//! [y]' > "$tree/chapters/02_two/new.hpp"
sources='chapters/01_one/old.hpp#x chapters/02_two/new.hpp#y'
changed '   a();' '-  b();' '+c();' ' }'
expect "regions of two sources" 1 "differs from its source"
expect "regions of two sources, filled" 0 "up to date" --update
grep -q '^+c();$' "$text" || { echo "the change of two regions lacks its new line"; exit 1; }
sources='chapters/01_one/old.hpp#x chapters/01_one/old.hpp#x'; changed
expect "sources that are alike" 1 "do not differ"
sources='chapters/01_one/old.hpp'; changed
expect "a change with one source" 1 "takes two sources"
sources='chapters/01_one/old.hpp chapters/01_one/gone.hpp'; changed
expect "a change whose source is not there" 1 "cannot read chapters/01_one/gone.hpp"
expect "--root without a folder" 2 "needs a folder" --root
echo "quote.sh: all as expected"
