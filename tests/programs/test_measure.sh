#!/bin/sh
# chapters/07_since_the_paper/measure.sh: its tables, made from reports that were written by hand, and what it does with
# programs that are stand-ins. With a stand-in, too, what milestone.sh does with a program that fails.
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
null_report() { printf '{\n  "interrupted": false,\n  "val_loss": null\n}\n' >"$folder/$1.json"; } # as measure.sh writes it
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

# A run that came to no number is counted, and is in no mean; two of them are not the same loss. Seeds may have two digits.
null_report chapter-6.500.3
null_report rms.500.3
null_report post.500.3
null_report post.500.10
table || wrong "runs without a number are refused: $(cat "$folder/out")"
grep -q '^| chapter-6 | 500 | 3 | 209729 | 4.200 | 2.500 | 2.100, 1 of 3 no number | 0.141 | 32768 |$' "$folder/out" ||
  wrong "another row with a run without a number: $(cat "$folder/out")"
grep -q '^| post | 500 | 2 |  |  |  | no number |  |  |$' "$folder/out" || wrong "another row without any number: $(cat "$folder/out")"
grep -q '"variant": "post".*"val_loss": null,.*"val_losses": \[null, null\]' "$folder/parts.json" ||
  wrong "another parts.json without numbers: $(cat "$folder/parts.json")"
[ "$(grep -c '<circle' "$folder/parts.svg")" = 3 ] || wrong 'parts.svg should still have three dots'
rm "$folder"/*.3.json "$folder"/*.10.json

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
null_report craft-all.500.2
null_report craft-short.500.2
null_report craft-none.500.1
table || wrong "craft without a number is refused: $(cat "$folder/out")"
grep -q '^| laptop, as it is | 500 | 2.100, 1 of 2 no number |  | 2 |$' "$folder/out" || wrong "another row of craft: $(cat "$folder/out")"
grep -q '^| none of the four | 500 | no number |  | 1 |$' "$folder/out" || wrong "no row without a number: $(cat "$folder/out")"
grep -q '^| as it is | 500 | 2.250, 1 of 2 no number | 2.500, 1 of 2 no number |' "$folder/out" ||
  wrong "another row of the short text without a number: $(cat "$folder/out")"
grep -q '"variant": "short".*"last_val": \[2.5, null\]' "$folder/craft.json" || wrong "another craft.json: $(cat "$folder/craft.json")"
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

# Programs that are stand-ins: they refuse words that belong to no option, take their time, and leave what they are asked for.
mkdir "$folder/bin"
cat >"$folder/bin/ch06" <<'end'
#!/bin/sh
steps=0 report=/dev/null
while [ $# -gt 0 ]; do
  case $1 in
    --quiet) shift; continue ;;
    --report) report=$2 ;;
    --steps) steps=$2 ;;
    --save) echo weights >"$2" ;;
    --trace) echo '{"name":"gradients"}' >"$2" ;;
    --data) [ "$2" = tinyshakespeare ] || [ -f "$2" ] || { echo "no text $2" >&2; exit 1; } ;;
    --*) ;;
    *) echo "no option: $1" >&2; exit 1 ;;
  esac
  shift 2
done
awk -v n="$steps" 'BEGIN { for (i = 0; i < 100000 * n; i++); }'
printf '{\n  "interrupted": false,\n  "val_loss": 2.5\n}\n' >"$report"
end
chmod +x "$folder/bin/ch06"
cp "$folder/bin/ch06" "$folder/bin/ch07"
made="$folder/a folder with blanks"
for run in 'parts rms' 'depth pre_3_plain_pytorch' 'craft short-dropout' 'craft all'; do
  BIN=$folder/bin chapters/07_since_the_paper/measure.sh "${run% *}" "$made" 1 10 "${run#* }" >"$folder/out" 2>&1 ||
    wrong "$run in a folder with blanks: $(cat "$folder/out")"
done
for file in rms.10.1.json rms.10.1.safetensors depth-pre_3_plain_pytorch.10.1.gradients craft-short-dropout.10.1.json craft-all.10.1.json; do
  [ -f "$made/$file" ] || wrong "there is no $file in $(ls "$made")"
done

# A step that could not be timed is not taken for measured.
printf '#!/bin/sh\nexit 1\n' >"$folder/bin/ch07"
if BIN=$folder/bin chapters/07_since_the_paper/measure.sh step "$made" 1 >"$folder/out" 2>&1; then wrong 'ch07 has no time'; fi
grep -q 'a step of ch07 could not be timed' "$folder/out" || wrong "ch07 has no time: $(cat "$folder/out")"
[ -s "$made/step-ch06.1.ms" ] || wrong "ch06 should have been timed: $(ls "$made")"
[ ! -f "$made/step-ch07.1.ms" ] || wrong 'ch07 was timed'
echo 3 >"$made/step-ch06.1.ms"
echo 6 >"$made/step-ch07.1.ms"
BIN=/nowhere chapters/07_since_the_paper/measure.sh step "$made" 1 | grep -q 'takes 2.00 times as long' || wrong 'another time of a step'

# A milestone whose program fails is skipped only where the text is not there.
milestone() { # folder of the text
  BARDLING_DATA=$1 tests/programs/milestone.sh "$folder/bin" "$made" ch07 ch07 >"$folder/out" 2>&1
  echo $?
}
mkdir "$folder/data"
[ -f data/tinyshakespeare.txt ] || [ -f data/input.txt ] || [ "$(milestone "$folder/data")" = 77 ] || wrong 'without the text, skipped'
echo text >"$folder/data/tinyshakespeare.txt"
[ "$(milestone "$folder/data")" = 1 ] || wrong 'a program that fails with the text there has failed'
exit $status
