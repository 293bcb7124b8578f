#!/bin/sh
# docs/filter.awk on a small tree: GitHub's forms in, Doxygen's out, one line for one line.
# shellcheck disable=SC2016  # backquotes and dollars stand for themselves
set -eu
docs=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/docs/figures" "$tree/docs/widgets" "$tree/docs/theme" "$tree/chapters/01_one" "$tree/chapters/02_two" "$tree/include" "$tree/made" "$tree/data"
printf '%s\n' 'README.md | Start | |' 'chapters/01_one/README.md | One | first | 2.49' 'docs/later.md | Later | |' \
  'chapters/02_two/README.md | Two | second | 2.41' > "$tree/docs/pages.txt"
printf '# Project\n' > "$tree/README.md"
printf '# Two\n' > "$tree/chapters/02_two/README.md"
touch "$tree/chapters/01_one/head.hpp" "$tree/chapters/01_one/main.cpp"
printf '<svg viewBox="0 0 1 1"></svg>\n' > "$tree/docs/figures/box.svg"
touch "$tree/docs/widgets/slider.js"; printf '<table></table>\n' > "$tree/docs/widgets/slider.html"
printf 'Head chapters/01_one/head.hpp class\n' > "$tree/classes"
printf 'chapters/01_one/head.hpp\n' > "$tree/headers"

filter() {
  awk -v root="$tree" -v docs="$tree/docs" -v page=chapters/01_one/README.md -v parts="$tree/include" -v made="$tree/made" -v data="$tree/data" \
      -v classes="$tree/classes" -v headers="$tree/headers" -f "$docs/filter.awk" "$tree/docs/pages.txt" "$tree/chapters/01_one/README.md"
}
failures=0
becomes() {  # input line, expected output line
  printf '%s\n' '# One' '' "$1" > "$tree/chapters/01_one/README.md"
  got=$(filter | sed -n 3p)
  [ "$got" = "$2" ] || { printf '%s\n' "in:       $1" "expected: $2" "got:      $got"; failures=$((failures + 1)); }
}
refuses() {  # input line, words of the message
  printf '%s\n' '# One' '' "$1" > "$tree/chapters/01_one/README.md"
  if said=$(filter 2>&1 >/dev/null); then printf '%s\n' "accepted: $1"; failures=$((failures + 1)); fi
  case $said in *"$2"*) ;; *) printf '%s\n' "refused $1 with: $said" "expected: $2"; failures=$((failures + 1)) ;; esac
}

becomes 'plain words' 'plain words'
becomes 'a $`x_i \cdot y`$ b' 'a \f$x_i \cdot y\f$ b'
becomes '## A `Part`, twice!' '## A `Part`, twice! {#chapter_01_one--a-part-twice}'
becomes '[two](../02_two/README.md)' '[two](@ref chapter_02_two)'
becomes '[two](../02_two)' '[two](@ref chapter_02_two)'
becomes '[two](../02_two/README.md#the-end)' '[two](@ref chapter_02_two--the-end)'
becomes '[home](../../README.md#start)' '[home](index.html#start)'
becomes '[here](#below)' '[here](@ref chapter_01_one--below)'
becomes '[the header](head.hpp)' '[the header](@ref chapters/01_one/head.hpp)'
becomes '[`head.hpp`](head.hpp)' '<code>\ref chapters/01_one/head.hpp "head.hpp"</code>'
becomes '[the class](head.hpp#Head)' '[the class](@ref gpt::Head)'
becomes '[`Head`](head.hpp#Head)' '<code>\ref gpt::Head "Head"</code>'
becomes 'see [the program](main.cpp).' 'see the program.'
becomes '[paper](https://arxiv.org/abs/1706.03762)' '[paper](https://arxiv.org/abs/1706.03762)'
becomes 'a `Head`, then a `Head`' 'a <code>\ref gpt::Head "Head"</code>, then a `Head`'
becomes 'mail @someone, #include, <vector>' 'mail \@someone, \#include, \<vector>'
becomes '`@x` `#include <vector>`' '`@x` `#include <vector>`'
becomes '| `a|b` | c |' '| <code>a&#124;b</code> | c |'
becomes 'so **(1, `a`)**, a ** b' 'so <b>(1, `a`)</b>, a ** b'
becomes '<!-- a remark -->' ''
becomes '<!-- widget: slider -->' '\htmlinclude[block] chapter_01_one-1.html'
becomes '![A box](../../docs/figures/box.svg)' '\htmlinclude[block] chapter_01_one-1.html'
becomes '<!-- figure: box -->' '\htmlinclude[block] chapter_01_one-1.html'
becomes '[later](../../docs/later.md)' 'later'
becomes '<!-- changed: chapters/01_one/head.hpp#a chapters/01_one/main.cpp -->' \
  '<div class="quote-origin">from \ref chapters/01_one/head.hpp "head.hpp" (−) to <code>main.cpp</code> (+)</div>'
becomes '<!-- figure: box caption="After `a <b>`." -->' '\htmlinclude[block] chapter_01_one-1.html'
grep -q '<figcaption>After <code>a &lt;b&gt;</code>.</figcaption>' "$tree/include/chapter_01_one-1.html" || { echo "code in a caption stays in backquotes"; failures=$((failures + 1)); }
refuses '[gone](gone.md)' 'chapters/01_one/README.md:3: link to gone.md, but there is no chapters/01_one/gone.md'
refuses '<!-- widget: sldier -->' 'there is no widget sldier'
refuses '<!-- figure: bax -->' 'there is no picture bax'
refuses '![A box](../../docs/figures/bax.svg)' 'there is no picture bax'
refuses '<!-- widget: slider trace=none -->' 'there is no trace "none"'
refuses '<!-- github only -->' 'never ended'
refuses '<!-- changed: chapters/01_one/head.hpp -->' 'takes two sources'
refuses '```cpp' 'the last code block is never closed'

# A picture's links: to a text, to its section, to a class; whatever else stays as it is.
links() {  # a picture's line, what becomes of it
  printf '%s\n' "$1" > "$tree/docs/figures/map.svg"
  printf '%s\n' '# One' '' '<!-- figure: map -->' > "$tree/chapters/01_one/README.md"
  filter > "$tree/page" 2> "$tree/said" || cat "$tree/said" > "$tree/include/chapter_01_one-1.html"
  grep -qF "$2" "$tree/include/chapter_01_one-1.html" || { printf '%s\n' "picture:  $1" "expected: $2" "got:"; cat "$tree/include/chapter_01_one-1.html"; failures=$((failures + 1)); }
}
links '<a href="../../chapters/02_two/README.md"><a href="../../README.md">' '<a href="chapter_02_two.html"><a href="index.html">'
links '<a href="../../chapters/02_two/README.md#the-end">' '<a href="chapter_02_two.html#chapter_02_two--the-end">'
links '<a href="../../chapters/01_one/head.hpp#Head">' '<a href="classgpt_1_1Head.html">'
links '<use href="#box"/><a href="https://example.org/">' '<use href="#box"/><a href="https://example.org/">'
links '<a href="../../chapters/01_one/head.hpp#Hand">' 'a picture links to ../../chapters/01_one/head.hpp#Hand, which is neither'
links '<a href="../../docs/later.md">' 'a picture links to ../../docs/later.md, which is neither'

printf '%s\n' '# One' '' '```math' 'x' '```' '```cpp' '$`x`$ [a](b.md)' '```' 'end' > "$tree/chapters/01_one/README.md"
got=$(filter | sed -n '3,9p')
expected=$(printf '%s\n' '\f[' 'x' '\f]' '```{.cpp}' '$`x`$ [a](b.md)' '```' 'end')
[ "$got" = "$expected" ] || { printf '%s\n' "blocks: expected" "$expected" "got" "$got"; failures=$((failures + 1)); }

printf '%s\n' '# One' '' '```diff' '-a<b>;  // old' '+c;' ' d' '```' 'end' > "$tree/chapters/01_one/README.md"
got=$(filter | sed -n '3,8p')
expected=$(printf '%s\n' '\htmlinclude[block] chapter_01_one-1.html' '' '' '' '' 'end')
[ "$got" = "$expected" ] || { printf '%s\n' "changes: expected" "$expected" "got" "$got"; failures=$((failures + 1)); }
got=$(cat "$tree/include/chapter_01_one-1.html")
expected=$(printf '%s\n' '<div class="fragment diff">' '<div class="line"><del>-a&lt;b&gt;; <span class="comment"> // old</span></del></div>' \
  '<div class="line"><ins>+c;</ins></div>' '<div class="line"> d</div>' '</div>')
[ "$got" = "$expected" ] || { printf '%s\n' "changes: expected" "$expected" "got" "$got"; failures=$((failures + 1)); }
filter | grep -q 'class="next" rel="next" href="chapter_02_two.html"' || { echo "the next page is wrong (a page that does not exist must be left out)"; failures=$((failures + 1)); }
[ "$failures" = 0 ] || { echo "$failures failures"; exit 1; }
echo "filter.awk: all as expected"
