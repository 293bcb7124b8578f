#!/usr/bin/env bash
# Whatever ends a run, and wherever it saves, a whole file is there afterwards: kill.sh PROGRAMS KIND [N], with KIND one of
#   kills      N runs, 100 unless told otherwise, each killed (SIGKILL) at a random moment while it saves all the time
#   full       on a disk that has room for one file and not for two
#   ranks      the same for a run of two ranks, of which rank 0 writes
#   read_only  on a disk that nobody may write to
#   together   two runs at once that save in one folder, by one name and by none
# Exit code 77: the disk cannot be made here (it takes a mount, which is root's or a user namespace's), or there is no MPI,
# and says so.
set -uo pipefail
programs=$1
kind=$2
self=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/$(basename "${BASH_SOURCE[0]}")
export BARDLING_DATA='' OMP_NUM_THREADS=1

wrong() {
  printf 'FAILED: %s\n' "$1"
  [[ -f $work/out ]] && cat "$work/out"
  exit 1
}

# A mount that nobody else sees and that goes with us.
if [[ $kind == full || $kind == ranks || $kind == read_only ]] && [[ -z ${KILL_INSIDE:-} ]]; then
  inside=(unshare --mount)
  [[ $(id -u) == 0 ]] || inside=(unshare --user --map-root-user --mount)
  probe=$(mktemp -d)
  trap 'rmdir "$probe"' EXIT
  if ! "${inside[@]}" mount -t tmpfs -o size=1m none "$probe" 2>/dev/null; then
    echo 'skipped: no file system can be mounted here'
    exit 77
  fi
  KILL_INSIDE=1 "${inside[@]}" bash "$self" "$programs" "$kind"
  exit
fi

work=$(mktemp -d)
cleanup() {
  mountpoint -q "$work/disk" 2>/dev/null && umount "$work/disk"
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1
mkdir disk
# Every look at the losses of this text is the best so far, so each of them saves.
for _ in {1..200}; do echo 'abcdefghij'; done >text.txt
train=("$programs/ch06" --data text.txt --batch 2 --context 8 --tokens 0 --eval-every 1)
speaks() { "$programs/ch06" --load "$1" --data text.txt --tokens 3 >out 2>&1; }
no_leftovers() { [[ -z $(find "$1" -name 'bardling-*.tmp') ]] || wrong "temporary files are left in $1: $(ls "$1")"; }

case $kind in
  kills)
    count=${3:-100}
    seed=${SEED:-$(date +%s)}
    RANDOM=$seed
    found=0
    began=$(date +%s%N)
    "${train[@]}" --steps 1 --save model.safetensors >out 2>&1 || wrong 'a run should save'
    once=$((($(date +%s%N) - began) / 1000000))
    rm model.safetensors
    for ((n = 1; n <= count; ++n)); do
      "${train[@]}" --steps 100000 --save model.safetensors >out 2>&1 &
      run=$!
      # From before its first save to some saves later, on a machine of whatever speed.
      pause=$((RANDOM % (2 * once + 200)))
      sleep "$((pause / 1000)).$(printf %03d $((pause % 1000)))"
      kill -KILL $run
      wait $run 2>/dev/null
      if [[ -e model.safetensors ]]; then
        found=$((found + 1))
        speaks model.safetensors || wrong "kill $n (SEED=$seed): the file that is there cannot be loaded"
      fi
    done
    [[ $found -gt 0 ]] || wrong "no run came as far as to save (SEED=$seed)"
    # What the killed have left goes with the next that saves.
    "${train[@]}" --steps 1 --save model.safetensors >out 2>&1 || wrong 'a run after all the kills should save'
    no_leftovers .
    echo "$count kills, $found of them with a file there, and it was whole each time" ;;

  full)
    # The file has 2.6 MB, and beside it there is a second one until that takes its name.
    mount -t tmpfs -o size=4m none disk || exit 1
    "${train[@]}" --steps 1 --save disk/model.safetensors >out 2>&1 || wrong 'there is room for one'
    cp disk/model.safetensors before
    "${train[@]}" --steps 3 --save disk/model.safetensors >out 2>&1 || wrong 'it should save elsewhere, and say so'
    grep -q 'No space left on device. Training goes on' out || wrong 'it should say that the disk is full, and go on'
    cmp -s before disk/model.safetensors || wrong 'the old file should stay'
    other=$(sed -n 's/^Saved in \(.*\) instead\.$/\1/p' out)
    [[ -f $other ]] || wrong 'it should say where it has saved instead'
    speaks "$other" || wrong 'what was saved instead should load'
    no_leftovers disk
    # The same for Ctrl-C, for the report and for the trace.
    "${train[@]}" --steps 1000000 --save disk/model.safetensors >out 2>&1 &
    run=$!
    for _ in {1..600}; do grep -q 'step  ' out && break; sleep 0.1; done
    kill -TERM $run
    wait $run
    [[ $? == 143 ]] || wrong 'a run that is stopped ends with 128 and the signal'
    other=$(sed -n 's/^Saved in \(.*\) instead\.$/\1/p' out)
    sed -n '/To go on:/{n;p;}' out | grep -qF -e "--load $other" || wrong 'the line to go on should name the file that was saved instead'
    speaks "$other" || wrong 'what was saved instead should load'
    dd if=/dev/zero of=disk/rest bs=4k >/dev/null 2>&1
    "${train[@]}" --steps 1 --report disk/report.json >out 2>&1
    [[ $? == 1 ]] || wrong 'a report that could not be written is an error'
    grep -q 'No space left on device' out || wrong 'the error should name the full disk'
    no_leftovers disk
    echo 'on a full disk the old file stays, and the new one is saved elsewhere' ;;

  ranks)
    if "$programs/ch11" --help 2>&1 | grep -q 'this chapter needs MPI'; then
      echo 'skipped: no MPI on this machine'
      exit 77
    fi
    train=(timeout 60 "$programs/ch11" --ranks 2 --threads 1 --data "$work/text.txt" --batch 2 --context 8 --tokens 0
      --eval-every 1)
    speaks() { "$programs/ch11" --load "$1" --data text.txt --tokens 3 >out 2>&1; }
    export OMPI_MCA_orte_tmpdir_base=$work # where MPI keeps its own files, whatever TMPDIR is
    mount -t tmpfs -o size=4m none disk || exit 1
    "${train[@]}" --steps 1 --save disk/model.safetensors >out 2>&1 || wrong 'there is room for one'
    cp disk/model.safetensors before
    "${train[@]}" --steps 3 --save disk/model.safetensors >out 2>&1 || wrong 'all ranks should go on, and rank 0 save elsewhere'
    [[ $(grep -c 'No space left on device. Training goes on' out) -ge 1 ]] || wrong 'rank 0 should say that its disk is full'
    cmp -s before disk/model.safetensors || wrong 'the old file should stay'
    other=$(sed -n 's/^Saved in \(.*\) instead\.$/\1/p' out)
    [[ -f $other ]] || wrong 'it should say where it has saved instead'
    speaks "$other" || wrong 'what was saved instead should load'
    # Nowhere is room: rank 0 says so, by its name, and nobody waits for it.
    dd if=/dev/zero of=disk/rest bs=4k >/dev/null 2>&1
    # 139: mpirun itself may crash while it ends its ranks (Open MPI 4.1), and they have ended all the same.
    "${train[@]}" --steps 1 --report disk/report.json >out 2>&1
    [[ $? =~ ^(1|139)$ ]] || wrong 'a report that could not be written ends all ranks, within a minute'
    grep -q "^rank 0 on $(hostname): .*No space left on device" out || wrong 'the error should name rank, host and the full disk'
    (cd disk && TMPDIR=$work/disk "${train[@]}" --steps 2 --save model.safetensors) >out 2>&1
    [[ $? =~ ^(1|139)$ ]] || wrong 'a run that can be saved nowhere ends all ranks, within a minute'
    grep -q "^rank 0 on $(hostname): .*No space left on device" out || wrong 'the error should name rank, host and the full disk'
    cmp -s before disk/model.safetensors || wrong 'the old file should stay'
    no_leftovers disk
    echo 'where the disk of rank 0 is full, the old file stays, and no rank waits for another' ;;

  read_only)
    mount -t tmpfs -o size=8m none disk || exit 1
    "${train[@]}" --steps 1 --save disk/model.safetensors >out 2>&1 || wrong 'there is room'
    mount -o remount,ro disk || exit 1
    for option in --save --report --trace; do
      "${train[@]}" --steps 1000000000 "$option" disk/file >out 2>&1
      [[ $? == 1 ]] || wrong "$option: a disk that is read-only should be refused"
      [[ $(wc -l <out) == 1 ]] || wrong "$option: that should be all that is said"
      grep -q "^ch06: $option: cannot write disk/file: Read-only file system" out || wrong "$option: the reason is missing"
    done
    speaks disk/model.safetensors || wrong 'a model on it can be loaded'
    # In a folder like this, without --save, Ctrl-C saves elsewhere.
    (cd disk && exec "$programs/ch06" --data ../text.txt --batch 2 --context 8 --eval-every 1 --steps 1000000 >../out 2>&1) &
    run=$!
    for _ in {1..600}; do grep -q 'step  ' out && break; sleep 0.1; done
    kill -TERM $run
    wait $run
    other=$(sed -n 's/^Saved in \(.*\) instead\.$/\1/p' out)
    [[ -f $other ]] || wrong 'it should say where it has saved instead'
    speaks "$other" || wrong 'what was saved instead should load'
    echo 'a read-only disk is refused before the first step' ;;

  together)
    for _ in {1..4}; do
      "${train[@]}" --steps 40 --seed 1 --save model.safetensors >out1 2>&1 &
      "${train[@]}" --steps 40 --seed 2 --save model.safetensors >out2 2>&1 &
      "${train[@]}" --steps 1000000 --seed 3 >out3 2>&1 &
      third=$!
      "${train[@]}" --steps 1000000 --seed 4 >out4 2>&1 &
      fourth=$!
      for out in out3 out4; do
        for _ in {1..600}; do grep -q 'step  ' $out && break; sleep 0.1; done
      done
      kill -TERM $third $fourth
      wait
      speaks model.safetensors || wrong 'the file of two that save at once should be that of one of them'
    done
    count=$(find . -name 'chapter_6_small.interrupted*.safetensors' | wc -l)
    [[ $count == 8 ]] || wrong "8 runs were stopped, and $count files are there"
    for file in chapter_6_small.interrupted*; do speaks "$file" || wrong "$file should load"; done
    no_leftovers .
    echo 'runs that end at once in one folder lose nothing' ;;

  *) wrong "no such kind: $kind" ;;
esac
