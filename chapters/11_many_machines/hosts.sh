#!/bin/sh
# Several hosts on this one machine, to try chapter 11 without buying any: network namespaces on a bridge, each with a name,
# an address and a wire of its own. Needs Linux, root, ip and tc (Debian: apt-get install iproute2).
#
#   hosts.sh make N [BANDWIDTH [LATENCY]]   hosts host1 to hostN; a wire of e.g. 100mbit and 1ms, else as fast as it goes
#   hosts.sh run N PROGRAM [ARGUMENTS ...]  PROGRAM on N of them, a rank on each, by mpirun
#   hosts.sh remove                         all of them
set -eu
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
net=10.77.0
bridge=bardling0

usage() {
  sed -n 's/^# *\(hosts\.sh\)/\1/p' "$0" >&2
  exit 2
}
hosts() { ip netns list | sed -n 's/^bardling-\(host[0-9]*\).*/\1/p'; }
on() { # HOST COMMAND ...
  on_host=$1
  shift
  # shellcheck disable=SC2016  # the inner shell expands
  ip netns exec "bardling-$on_host" unshare --uts sh -c 'hostname "$0" && exec "$@"' "$on_host" "$@"
}

[ $# -ge 1 ] || usage
command=$1
shift
case $command in
  make | run | remove)
    if [ "$(id -u)" != 0 ]; then
      echo "hosts.sh: namespaces are made by root: sudo $0 $command $*" >&2
      exit 1
    fi
    for tool in ip tc; do
      command -v $tool >/dev/null || { echo "hosts.sh: $tool is missing (Debian: apt-get install iproute2)" >&2; exit 1; }
    done
    ;;
esac
case $command in
  make)
    if [ $# -lt 1 ] || [ $# -gt 3 ]; then usage; fi
    "$self" remove
    trap '"$self" remove' EXIT # if not all of them can be made, none stays
    ip link add "$bridge" type bridge
    ip link set "$bridge" up
    n=1
    while [ "$n" -le "$1" ]; do
      ip netns add "bardling-host$n"
      ip link add "bardling$n" type veth peer name wire netns "bardling-host$n"
      ip link set "bardling$n" master "$bridge" up
      ip -n "bardling-host$n" addr add "$net.$n/24" dev wire
      ip -n "bardling-host$n" link set lo up
      ip -n "bardling-host$n" link set wire up
      if [ $# -ge 2 ]; then
        tc -n "bardling-host$n" qdisc add dev wire root handle 1: tbf rate "$2" burst 64kb latency 1s
      fi
      if [ $# -ge 3 ] && ! tc -n "bardling-host$n" qdisc add dev wire parent 1: netem delay "$3" limit 100000; then
        echo "hosts.sh: this kernel cannot delay packets (CONFIG_NET_SCH_NETEM); leave the latency out" >&2
        exit 1
      fi
      n=$((n + 1))
    done
    trap - EXIT
    echo "$1 hosts, host1 to host$1, at $net.1 to $net.$1"
    ;;
  run)
    [ $# -ge 2 ] || usage
    ranks=$1
    shift
    list=
    n=1
    while [ "$n" -le "$ranks" ]; do
      list=$list${list:+,}$net.$n:1
      n=$((n + 1))
    done
    on host1 mpirun --allow-run-as-root --bind-to none -n "$ranks" --host "$list" --mca plm_rsh_agent "$self agent" \
      --mca btl tcp,self --mca btl_tcp_if_include "$net.0/24" --mca oob_tcp_if_include "$net.0/24" \
      ${BARDLING_DATA+-x BARDLING_DATA} "$@"
    ;;
  agent) # what mpirun calls in place of ssh: HOST COMMAND ...
    host=host${1##*.}
    shift
    on "$host" sh -c "$*"
    ;;
  remove)
    for host in $(hosts); do
      ip link delete "bardling${host#host}" 2>/dev/null || : # a namespace that is deleted lets go of its wire only later
      ip netns delete "bardling-$host"
    done
    ip link delete "$bridge" 2>/dev/null || :
    ;;
  *) usage ;;
esac
