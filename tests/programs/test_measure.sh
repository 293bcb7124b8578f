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
grep -q '"variant": "rms".*"val_losses": \[1.5\]' "$folder/parts.json" || wrong "another parts.json: $(cat "$folder/parts.json")"
[ "$(grep -c '<circle' "$folder/parts.svg")" = 3 ] || wrong 'parts.svg should have three dots'

# Depth: the lengths of gradients before and after come from the trace's line. Block 0 has 3 and 4, which is 5, and then 1.
report depth-post_24_plain_pytorch.600.1 1000 3
report depth-post_24_plain_pytorch.600.2 1000 3.2
echo '{"name":"gradients","labels":{"step":["0","600"],"parameter":["e","blocks.0.a","blocks.0.b","blocks.23.a"]},"values":[7,3,4,10,7,0,1,1000]},' \
  >"$folder/depth-post_24_plain_pytorch.600.1.gradients"
table || wrong "depth is refused: $(cat "$folder/out")"
grep -q "^| PyTorch's | no | post-norm |  |  | 3.10 ± 0.14 |" "$folder/out" || wrong "another row of depth: $(cat "$folder/out")"
grep -q '"first_gradient_by_block": \[5\]' "$folder/depth.json" || wrong "other gradients: $(cat "$folder/depth.json")"
grep -q '"last_gradient_by_block": \[1\]' "$folder/depth.json" || wrong "other gradients: $(cat "$folder/depth.json")"
rm "$folder"/depth*

# Craft: the lowest loss is the report's, the last one the curve's.
report craft-all.500.1 1000 2.1
report craft-no-schedule.500.1 1000 2
report craft-short.500.1 1000 2.25
table || wrong "craft is refused: $(cat "$folder/out")"
grep -q '^| one learning rate, 0.001 | 500 | 2.000 | −0.100 | 1 |$' "$folder/out" || wrong "another row of craft: $(cat "$folder/out")"
grep -q '^| as it is | 500 | 2.250 | 2.500 |' "$folder/out" || wrong "another row of the short text: $(cat "$folder/out")"
rm "$folder"/craft*

report rms.500.1 209153 2
if table; then wrong 'two variants with the same loss are no two variants'; fi
grep -q 'rms and chapter-6 gave the same loss with seed 1' "$folder/out" || wrong "equal runs: $(cat "$folder/out")"
report rms.500.1 205000 1.5
if table; then wrong '205,000 parameters are not within 1 %'; fi
grep -q 'rms has 205000 parameters' "$folder/out" || wrong "too few parameters: $(cat "$folder/out")"

if chapters/07_since_the_paper/measure.sh parts "$folder" 1 10 rmsnorm >"$folder/out" 2>&1; then wrong 'rmsnorm is no variant'; fi
grep -q 'expected one of chapter-6 rms .*, got rmsnorm' "$folder/out" || wrong "an unknown variant: $(cat "$folder/out")"
if chapters/07_since_the_paper/measure.sh depth "$folder" 1 10 post_5_plain_gpt-2 >"$folder/out" 2>&1; then wrong '5 blocks are no variant'; fi
grep -q 'expected one of pre_3_plain_pytorch .*, got post_5_plain_gpt-2' "$folder/out" || wrong "an unknown depth: $(cat "$folder/out")"
exit $status
