#!/bin/sh
# The table of chapters/10_other_sequences/measure.sh, made from reports that were written by hand, and a run of a step.
set -u
cd "$(dirname "$0")/../.." || exit 1
program=$1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
status=0
measure=chapters/10_other_sequences/measure.sh
wrong() { printf '%s\n' "$*"; status=1; }

report() { # name, first share, second share
  printf '{\n  "parameters": 102349,\n  "steps": 1500,\n  "val_loss": 0.5,\n  "scores": [\n    {\n      "name": "of sums are right",\n'
  printf '      "share": %s\n    },\n    {\n      "name": "of longer ones",\n      "share": %s\n    }\n  ]\n}\n' "$2" "$3"
} >"$folder/$1.json"

if $measure table "$folder" >"$folder/out" 2>&1; then wrong 'an empty folder has no table'; fi
grep -q 'there is no report' "$folder/out" || wrong "an empty folder: $(cat "$folder/out")"
report add.1 0.98 0
report add.2 1.0 0.25
report add-plain.1 0.125 0.0
$measure table "$folder" >"$folder/out" 2>&1 || wrong "a right folder is refused: $(cat "$folder/out")"
grep -q '^| add | 102349 | 1500 | 2 | of sums are right | 99.0 % | 98.0 % | 100.0 % |$' "$folder/out" ||
  wrong "another row of add: $(cat "$folder/out")"
grep -q '^| add-plain | 102349 | 1500 | 1 | of sums are right | 12.5 % | 12.5 % | 12.5 % |$' "$folder/out" ||
  wrong "another row of add-plain: $(cat "$folder/out")"
grep -q '"variant": "add", .*"right": "of longer ones", "shares": \[0, 0.25\]' "$folder/table.json" ||
  wrong "another table.json: $(cat "$folder/table.json")"

if $measure run "$folder" 1 multiply >"$folder/out" 2>&1; then wrong 'multiply is no variant'; fi
grep -q 'expected one of sort .*, got multiply' "$folder/out" || wrong "an unknown variant: $(cat "$folder/out")"

PROGRAM=$program STEPS=1 $measure run "$folder/made" 2 brackets >"$folder/out" 2>&1 || wrong "a run fails: $(cat "$folder/out")"
for seed in 1 2; do [ -f "$folder/made/brackets.$seed.json" ] || wrong "seed $seed left no report"; done
$measure table "$folder/made" | grep -q '^| brackets | .* | 1 | 2 | of brackets are closed |' || wrong 'no row of brackets'
exit $status
