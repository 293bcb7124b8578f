#!/bin/sh
# What `learn data fetch gpt2` does with a server on this machine: test_fetch.sh RUNNER. Other files stand for GPT-2's, in a
# list of their own.
set -u
runner=$1
here=$(CDPATH='' cd -- "$(dirname "$0")" && pwd)
skip() { printf '%s\n' "skipped: $*"; exit 77; }
for tool in python3 curl sha256sum; do command -v "$tool" >/dev/null || skip "install $tool"; done
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
mkdir -p "$work/served" "$work/tree/data" "$work/tree/chapters"
cp "$here/../../chapters/chapters.txt" "$work/tree/chapters"
mkdir "$work/tree/runner" && cp "$here/../../runner/help.txt" "$work/tree/runner"
head -c 300000 "$runner" >"$work/served/model.safetensors"
echo '{"a": 0}' >"$work/served/vocab.json"
python3 "$here/serve.py" "$work/served" "$work/port" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -s "$work/port" ] || sleep 0.5; done
[ -s "$work/port" ] || skip 'no server can be started here'
port=$(cat "$work/port")
folder=$work/tree/data/gpt2
export BARDLING_ROOT="$work/tree" NO_COLOR=1

list() { # list WAY [HASH]: data/gpt2.txt, with the address that is served that way
  {
    echo '# a list'
    echo "http://127.0.0.1:$port/$1/"
    for name in vocab.json model.safetensors; do
      hash=$(sha256sum <"$work/served/$name" | cut -c 1-64)
      [ "$name" = vocab.json ] || hash=${2:-$hash}
      echo "$hash $(wc -c <"$work/served/$name" | tr -d ' ') $name"
    done
  } >"$work/tree/data/gpt2.txt"
}
wrong() { printf 'FAILED: %s\n--- learn printed:\n' "$1"; cat "$work/out" "$work/errors"; ls -l "$folder"; exit 1; }
fetch() { # fetch CODE
  code=0
  "$runner" data fetch gpt2 >"$work/out" 2>"$work/errors" || code=$?
  [ "$code" = "$1" ] || wrong "expected exit code $1, got $code"
}
says() { tr -s ' \n' '  ' <"$work/out" | grep -qF -e "$1" || wrong "expected it to say: $1"; }

# Without a network: one sentence, and what to do by hand.
list none
sed 's|:'"$port"'/|:1/|' "$work/tree/data/gpt2.txt" >"$work/list" && cp "$work/list" "$work/tree/data/gpt2.txt"
fetch 1
says 'curl could not download vocab.json (exit code 7); is there a network? Or by hand: put vocab.json, model.safetensors from'
says "into $folder"

# Cut off: what has come stays, and nothing has the real name.
list cut
fetch 1
says 'the download broke off:'
says 'call this again and it goes on from there'
if [ -e "$folder/vocab.json" ] || [ ! -s "$folder/vocab.json.part" ]; then wrong 'half a file should be there, under another name'; fi

# Resumed: from where it broke off, and whole in the end.
list whole
rm "$folder/vocab.json.part"
cp "$work/served/vocab.json" "$folder/vocab.json"
head -c 100000 "$work/served/model.safetensors" >"$folder/model.safetensors.part"
list any
fetch 0
says 'Done: all of it is in'
grep -qx 'any model.safetensors 100000' "$work/served/log" || wrong 'it should go on from byte 100000'
cmp "$folder/model.safetensors" "$work/served/model.safetensors" || wrong 'what was resumed is not the file'
[ ! -e "$folder/model.safetensors.part" ] || wrong 'nothing should be left of the download'

# All there: nothing is fetched again.
: >"$work/served/log"
fetch 0
[ ! -s "$work/served/log" ] || wrong 'what is there was fetched again'

# A server that knows no ranges: from the beginning.
rm "$folder/model.safetensors"
head -c 100000 "$work/served/model.safetensors" >"$folder/model.safetensors.part"
list whole
fetch 0
cmp "$folder/model.safetensors" "$work/served/model.safetensors" || wrong 'what was fetched anew is not the file'

# A wrong hash: not kept, and said.
rm "$folder/model.safetensors"
list any 0000000000000000000000000000000000000000000000000000000000000000
fetch 1
says 'what came as model.safetensors is not the published file (its SHA-256 differs), so it was not kept'
if [ -e "$folder/model.safetensors" ] || [ -e "$folder/model.safetensors.part" ]; then wrong 'it was kept'; fi

# A file of somebody's own under that name is left alone.
list any
echo mine >"$folder/model.safetensors"
fetch 1
says 'is there and is not the published file'
[ "$(cat "$folder/model.safetensors")" = mine ] || wrong 'somebody'\''s own file was changed'

# A list that is not whole.
echo 'nonsense' >>"$work/tree/data/gpt2.txt"
fetch 1
grep -qF 'must be a hash, a number of bytes and a name, and is "nonsense"' "$work/errors" || wrong 'a bad line should be named'
echo 'fetched, cut off, resumed, refused: as it should be'
