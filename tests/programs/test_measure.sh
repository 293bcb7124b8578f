#!/bin/sh
# The table of chapters/07_since_the_paper/measure.sh, made from reports that were written by hand.
set -u
cd "$(dirname "$0")/../.." || exit 1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
status=0
wrong() { printf '%s\n' "$*"; status=1; }

report() { # name, parameters, loss
  printf '{\n  "variant": "rms pre relu table 2 no no yes plain",\n  "parameters": %s,\n  "step_ms_median": 10,\n' "$2"
  printf '  "val_loss": %s,\n  "curve": [\n    {\n      "step": 0,\n      "val": 4.2\n    },\n' "$3"
  printf '    {\n      "step": 500,\n      "val": 2.5\n    }\n  ]\n}\n'
} >"$folder/$1.json"
table() { chapters/07_since_the_paper/measure.sh table "$folder" 500 >"$folder/out" 2>&1; }

report chapter-6.500.1 209729 2
report chapter-6.500.2 209729 2.2
report rms.500.1 209153 1.5
table || wrong "a right folder is refused: $(cat "$folder/out")"
# The mean of 2 and 2.2, their deviation 0.1 * root 2, and 2 * 4 blocks * 32 places * 2 groups * 16 numbers * 4 bytes.
grep -q '^| chapter-6 | 500 | 2 | 209729 | 4.200 | 2.500 | 2.100 | 0.141 | 32768 |$' "$folder/out" ||
  wrong "another row of chapter 6: $(cat "$folder/out")"
grep -q '"variant": "rms".*"val_losses": \[1.5\]' "$folder/table.json" || wrong "another table.json: $(cat "$folder/table.json")"
[ "$(grep -c '<circle' "$folder/parts.svg")" = 3 ] || wrong 'parts.svg should have three dots'

report rms.500.1 209153 2
if table; then wrong 'two variants with the same loss are no two variants'; fi
grep -q 'rms and chapter-6 gave the same loss with seed 1' "$folder/out" || wrong "equal runs: $(cat "$folder/out")"
report rms.500.1 205000 1.5
if table; then wrong '205,000 parameters are not within 1 %'; fi
grep -q 'rms has 205000 parameters' "$folder/out" || wrong "too few parameters: $(cat "$folder/out")"

if chapters/07_since_the_paper/measure.sh run "$folder" 1 10 rmsnorm >"$folder/out" 2>&1; then wrong 'rmsnorm is no variant'; fi
grep -q 'expected one of chapter-6 rms .*, got rmsnorm' "$folder/out" || wrong "an unknown variant: $(cat "$folder/out")"
exit $status
