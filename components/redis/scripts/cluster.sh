#!/bin/sh
# Beside each node of a Redis Cluster: forms it once, and then keeps telling its own node where the others are, because
# pods change their addresses, and after an outage all of them at once.
#
#   SELF      the host name of this node, which outlives the pod
#   MEMBERS   the host names of all nodes, in order; the first forms the cluster
#   MASTERS   how many of them share the slots out among themselves; the rest are their replicas
set -eu

redis() { host=$1 && shift && timeout 3 redis-cli -h "$host" "$@" 2>/dev/null | tr -d '\r' || :; }

address() { getent ahostsv4 "$1" | awk '{ print $1; exit }'; }

# One figure of a node's view of the cluster.
figure() { redis "$1" cluster info | sed -n "s/^cluster_$2://p"; }

# All nodes answer, none of them holds a key, and the slots were never all given out: nothing is lost by beginning anew.
blank() {
  for member in $MEMBERS; do
    [ "$(redis "$member" dbsize)" = 0 ] || return 1
    slots=$(figure "$member" slots_assigned)
    [ -n "$slots" ] && [ "$slots" -lt 16384 ] || return 1
  done
}

# The masters alone; the others are introduced and then find whom to follow.
form() {
  set --
  for member in $MEMBERS; do
    # What an earlier attempt has left, if it was cut short.
    redis "$member" cluster reset hard >/dev/null
    [ "$#" -ge "$MASTERS" ] || set -- "$@" "$(address "$member"):6379"
  done
  redis-cli --cluster create "$@" --cluster-yes
}

introduce() {
  known=$(redis 127.0.0.1 cluster nodes)
  for member in $MEMBERS; do
    ip=$(address "$member" || :)
    [ -n "$ip" ] || continue
    echo "$known" | grep -qF " $ip:6379@" || redis 127.0.0.1 cluster meet "$ip" 6379 >/dev/null
  done
}

# A master without slots follows the one that has those of its group: members whose numbers leave the same remainder.
follow() {
  # The line of a master with slots ends with them.
  redis 127.0.0.1 cluster nodes | grep 'myself,master' | grep -q ' connected *$' || return 0
  own=0
  for member in $MEMBERS; do [ "$member" != "$SELF" ] || break && own=$((own + 1)); done
  index=0
  for member in $MEMBERS; do
    if [ "$member" != "$SELF" ] && [ $((index % MASTERS)) -eq $((own % MASTERS)) ]; then
      master=$(redis "$member" cluster nodes | awk '/myself,slave/ { print $4 } /myself,master/ && NF > 8 { print $1 }')
      [ -z "$master" ] || redis 127.0.0.1 cluster replicate "$master" && return 0
    fi
    index=$((index + 1))
  done
}

formed() {
  for member in $MEMBERS; do
    [ "$(figure "$member" slots_assigned)" != 16384 ] || return 0
  done
  return 1
}

trap 'exit 0' TERM
while :; do
  if formed; then
    introduce
    follow
  elif [ "$SELF" = "${MEMBERS%% *}" ] && blank; then
    form || echo 'the cluster was not formed; trying again' >&2
  fi
  sleep 5 &
  wait $!
done
