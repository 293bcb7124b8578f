#!/bin/sh
# Builds the site. CMake's target `docs` calls this with what it has found:
#   SOURCE=. OUT=build/release/docs DOXYGEN=doxygen AWESOME=DIR MATHJAX=DIR DOT=dot docs/build.sh
# Every step rewrites its part of OUT; html/ is replaced at the end, so a failed build leaves the last good site.
set -eu
say() { printf '%s\n' "docs: $*"; }
die() { printf '%s\n' "docs: $*" >&2; exit 1; }

SOURCE=$(cd "$SOURCE" && pwd)
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
DOCS=$(cd "$(dirname "$0")" && pwd)
started=$(date +%s)
rm -rf "$OUT/pages" "$OUT/include" "$OUT/made" "$OUT/data" "$OUT/html.new"
mkdir -p "$OUT/pages" "$OUT/include" "$OUT/made" "$OUT/data/traces" "$OUT/data/reports"

# ---- 1. What the pages draw on: runs' reports and traces (the reader's own before the shipped ones), and pictures.
own=0
tensors() { sed -n 's/^{"name":"\([^"]*\)".*/\1/p' "$1" | sort; }
for file in "$SOURCE"/docs/runs/*.json "$SOURCE"/runs/*.json; do
  [ -f "$file" ] || continue
  name=$(basename "$file" .json)
  # A model of the reader's own parts may note less than the texts show: then the shipped trace stays.
  case $file in "$SOURCE"/runs/*.trace.json)
    if [ -f "$SOURCE/docs/runs/$name.json" ]; then
      tensors "$SOURCE/docs/runs/$name.json" > "$OUT/tensors.shipped"
      tensors "$file" > "$OUT/tensors.own"
      lacking=$(comm -23 "$OUT/tensors.shipped" "$OUT/tensors.own" | tr '\n' ' ')
      [ -z "$lacking" ] || { say "runs/$name.json holds no $lacking- the figures show the repository's run"; continue; }
    fi ;;
  esac
  case $file in "$SOURCE"/runs/*) origin="your own run"; own=$((own + 1)) ;; *) origin="a run that comes with the repository" ;; esac
  case $name in
    *.trace) name=${name%.trace}; kind=traces; table=bardlingTraces ;;
    *) kind=reports; table=bardlingReports; awk -v origin="$origin" -f "$DOCS/curve.awk" "$file" > "$OUT/made/$name.svg" ;;
  esac
  { printf '(window.%s = window.%s || {})["%s"] = Object.assign(' "$table" "$table" "$name"
    cat "$file"
    printf ', {origin: "%s"});\n' "$origin"; } > "$OUT/data/$kind/$name.js"
done
for file in "$SOURCE"/docs/figures/*.dot; do
  [ -f "$file" ] || continue
  [ -n "${DOT:-}" ] || die "graphviz is needed to draw $(basename "$file"): install the package graphviz"
  # Black becomes the text's colour, so that dark mode works; the XML prolog has no place inside a page.
  "$DOT" -Tsvg "$file" | sed -n '/<svg/,$p' | sed -e 's/"black"/"currentColor"/g' -e 's/font-family="[^"]*"//g' \
    > "$OUT/made/$(basename "$file" .dot).svg"
done

# ---- 2. Pages: each text of docs/pages.txt through the filter, in order.
# The class reference shows what a reader meets; the inside of the tensor library is for reading in the source.
inside='node|rows|memory|dropout_mask|vector_math|xtensor|parallel|atomic_file'
(cd "$SOURCE" && find common chapters -name '*.hpp' -not -path '*/exercise/*' 2>/dev/null | sort |
  grep -Ev "^common/($inside)\\.hpp\$") > "$OUT/headers.txt"
HEADERS=
while read -r header; do
  HEADERS="$HEADERS \"$SOURCE/$header\""
  awk -v header="$header" '/^(class|struct) [A-Z][A-Za-z0-9]*( |$)/ && !/;[ ]*(\/\/.*)?$/ { print $2, header, $1 }' "$SOURCE/$header"
done < "$OUT/headers.txt" > "$OUT/classes.txt"
PAGES=''; missing=''; failed=0; MAINPAGE=''
sed -n 's/^\([^#|][^|]*[^| ]\) *|.*/\1/p' "$SOURCE/docs/pages.txt" > "$OUT/pages.list"
while read -r page; do
  [ -f "$SOURCE/$page" ] || { missing="$missing $page"; continue; }
  mkdir -p "$OUT/pages/$(dirname "$page")"
  awk -v root="$SOURCE" -v docs="$DOCS" -v page="$page" -v parts="$OUT/include" -v made="$OUT/made" -v data="$OUT/data" \
      -v classes="$OUT/classes.txt" -v headers="$OUT/headers.txt" -f "$DOCS/filter.awk" "$SOURCE/docs/pages.txt" "$SOURCE/$page" > "$OUT/pages/$page" || failed=1
  PAGES="$PAGES \"$OUT/pages/$page\""
  [ "$page" != README.md ] || MAINPAGE="\"$OUT/pages/$page\""
done < "$OUT/pages.list"
for file in "$SOURCE"/docs/*.md "$SOURCE"/chapters/*/README.md; do
  [ -f "$file" ] || continue
  page=${file#"$SOURCE"/}
  [ "$page" != docs/authoring.md ] || continue
  grep -q "^$page " "$SOURCE/docs/pages.txt" || die "$page is not in docs/pages.txt, which says where it stands in the site"
done
[ "$failed" = 0 ] || die "the texts above must be mended first"

# ---- 3. Fonts, if this machine has them; the style sheet names others for when it has not.
{
  face() {  # family, weight, style, file name
    file=$(find /usr/share/fonts /usr/local/share/fonts -name "$4" 2>/dev/null | head -n 1)
    [ -n "$file" ] || return 0
    mkdir -p "$OUT/data/fonts"
    cp "$file" "$OUT/data/fonts/"
    printf '@font-face { font-family: "%s"; font-weight: %s; font-style: %s; font-display: swap; src: url("fonts/%s"); }\n' "$1" "$2" "$3" "$4"
  }
  face "EB Garamond" 400 normal EBGaramond12-Regular.otf
  face "EB Garamond" 400 italic EBGaramond12-Italic.otf
  face "Inter" 400 normal Inter-Regular.otf
  face "Inter" 400 italic Inter-Italic.otf
  face "Inter" 600 normal Inter-SemiBold.otf
  face "JetBrains Mono" 400 normal JetBrainsMono-Regular.ttf
} > "$OUT/fonts.css"

# ---- 4. Doxygen. Without scripts there is no tree, so the header holds the pages' names. Options that only newer versions know are added when this one lists them.
escape() { printf '%s' "$1" | sed -e 's/[\\&|]/\\&/g'; }
sed -e "s|@SOURCE@|$(escape "$SOURCE")|g" -e "s|@DOCS@|$(escape "$DOCS")|g" -e "s|@OUT@|$(escape "$OUT")|g" -e "s|@AWESOME@|$(escape "$AWESOME")|g" \
    -e "s|@PAGES@|$(escape "$PAGES")|g" -e "s|@HEADERS@|$(escape "$HEADERS")|g" -e "s|@MAINPAGE@|$(escape "$MAINPAGE")|g" \
    -e "s|^HTML_OUTPUT .*|HTML_OUTPUT = html.new|" "$DOCS/Doxyfile.in" > "$OUT/Doxyfile"
sed -e "/@PAGES_LIST@/r $OUT/include/pages.html" -e '/@PAGES_LIST@/d' "$DOCS/theme/header.html" > "$OUT/header.html"
known=$("$DOXYGEN" -s -g - | sed -n 's/^\([A-Z_]*\) *=.*/\1/p')
newer() { case "
$known
" in *"
$1
"*) printf '%s = %s\n' "$1" "$2" >> "$OUT/Doxyfile" ;; esac; }
newer HTML_COLORSTYLE LIGHT
newer HTML_CODE_FOLDING NO
newer HTML_COPY_CLIPBOARD NO
newer PAGE_OUTLINE_PANEL NO
newer FULL_SIDEBAR NO
newer MARKDOWN_ID_STYLE GITHUB
sed -n 's/^\([A-Z_]*\) *=.*/\1/p' "$OUT/Doxyfile" | while read -r tag; do  # and those that newer ones dropped are left out
  case "
$known
" in *"
$tag
"*) ;; *) sed -i.old "/^$tag /d" "$OUT/Doxyfile" ;; esac
done
status=0
"$DOXYGEN" "$OUT/Doxyfile" > "$OUT/doxygen.log" 2>&1 || status=$?
sed -e "s|$OUT/pages/||" "$OUT/doxygen.log" >&2
[ "$status" = 0 ] || die "Doxygen was not content (all it said is above and in $OUT/doxygen.log)"

# ---- 5. What Doxygen does not copy: scripts, data, and the part of MathJax that draws SVG (2 MB of its 54).
SITE=$OUT/html.new
mkdir -p "$SITE/widgets" "$SITE/images" "$SITE/mathjax"
find "$DOCS/widgets" -name "*.js" -exec cp {} "$SITE/widgets/" \;
cp -R "$OUT/data/." "$SITE/"
{ # what the search knows: the sections of the texts, then the names of the class reference
  echo 'window.bardlingIndex = {sections: ['
  find "$OUT/include" -name 'sections-*.js' | sort | while read -r file; do cat "$file"; done
  echo '], names: ['
  awk -f "$DOCS/names.awk" "$OUT/tags.xml"
  echo ']};'
} > "$SITE/search-index.js"
if [ -f "$OUT/include/images.txt" ]; then
  while read -r from to; do cp "$SOURCE/$from" "$SITE/images/$to"; done < "$OUT/include/images.txt"
fi
for part in MathJax.js extensions/tex2jax.js extensions/MathEvents.js extensions/TeX extensions/AssistiveMML.js extensions/toMathML.js \
            jax/input/TeX jax/element/mml jax/output/SVG/config.js jax/output/SVG/jax.js jax/output/SVG/autoload \
            jax/output/SVG/fonts/TeX; do
  mkdir -p "$SITE/mathjax/$(dirname "$part")"
  cp -R "$MATHJAX/$part" "$SITE/mathjax/$part"
done
# Indexes of members by letter: layout.xml keeps them out of the tree, but Doxygen writes them all the same.
rm -f "$SITE"/functions*.html "$SITE"/globals*.html
sed -f "$OUT/include/tree.sed" "$SITE/navtreedata.js" > "$OUT/page.tmp" && mv "$OUT/page.tmp" "$SITE/navtreedata.js"
# What Doxygen says too much of: the project's name twice, "File Reference" under headers, a header's name on its own page.
find "$SITE" -name '*.html' | while read -r file; do
  sed -e 's|<title>Bardling . Bardling</title>|<title>Bardling: a GPT in C++20, step by step</title>|' \
      -e '/class="headertitle"/s| File Reference</div>|</div>|' -e '/^<p class="definition">Definition in file /d' \
      "$file" > "$OUT/page.tmp" && mv "$OUT/page.tmp" "$file"
done
# Doxygen lists a private member `struct sigaction x{}` as a nested class in a page's summary, but shows none.
find "$SITE" -name '*.html' -exec grep -l 'href="#nested-classes"' {} + | while read -r file; do
  grep -q 'name="nested-classes"' "$file" || { sed -e 's|<a href="#nested-classes">Classes</a> &#124;||' "$file" > "$OUT/page.tmp" && mv "$OUT/page.tmp" "$file"; }
done
# Most pages of the reference have no formula: they need not wait for MathJax.
find "$SITE" -name '*.html' -exec grep -L -e 'class="formula' -e '\\\[' -e '\\(' {} + | while read -r file; do
  sed -e '/<script [^>]*src="mathjax\/MathJax.js"/d' "$file" > "$OUT/page.tmp" && mv "$OUT/page.tmp" "$file"
done
rm -rf "$OUT/html"
mv "$SITE" "$OUT/html"
[ -z "$missing" ] || say "listed in docs/pages.txt but not written yet:$missing"
[ "$own" = 0 ] || say "$own of the figures' data are your own, from runs/"
say "built in $(($(date +%s) - started)) s: $OUT/html/index.html"
