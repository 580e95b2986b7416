#!/bin/sh
# One member of a Redis that Sentinel watches over. `redis` and `sentinel` start the two halves of it, `leave` hands the
# lead over before the pod stops.
#
#   SELF      the host name of this member, which outlives the pod
#   MEMBERS   the host names of all members, in order; the first leads where nobody knows better
#   GROUP     what Sentinel calls the members together
#   QUORUM    how many Sentinels have to miss the master before one may be chosen anew
set -eu
LEARNED=/data/sentinel/sentinel.conf

redis() { host=$1 && shift && timeout 3 redis-cli -h "$host" "$@" 2>/dev/null || :; }

sentinel() {
  host=$1 && shift
  REDISCLI_AUTH=$SENTINEL_PASSWORD timeout 3 redis-cli -h "$host" -p 26379 sentinel "$@" 2>/dev/null || :
}

others() { for member in $MEMBERS; do [ "$member" = "$SELF" ] || echo "$member"; done; }

# The master as the Sentinels of the others know it. Where they differ, the latest decision counts.
agreed() {
  for member in $(others); do
    sentinel "$member" master "$GROUP" |
      awk 'NR % 2 { key = $0; next } { of[key] = $0 } END { if ("ip" in of) print of["config-epoch"], of["ip"] }'
  done | sort -n | tail -n 1 | cut -d ' ' -f 2
}

remembered() { sed -n "s/^sentinel monitor $GROUP \([^ ]*\) .*/\1/p" "$LEARNED" 2>/dev/null || :; }

# Whether another member leads already, or has followed a master in this life of its own: then it may hold writes that
# this disk has not seen. One that has just started itself has not followed anybody yet, and says 1.
succeeded() {
  for member in $(others); do
    redis "$member" info replication | tr -d '\r' | grep -qE '^(role:master|slave_repl_offset:([2-9]|[1-9][0-9]+))$' && return 0
  done
  return 1
}

start_redis() {
  master=$(agreed)
  : "${master:=$(remembered)}"
  : "${master:=${MEMBERS%% *}}"
  # A master that comes back must not lead again where others went on: they would throw away what it lacks. Sentinel
  # misses it and chooses another. With nobody there to choose, it goes on with what it has.
  patience=30
  while [ "$master" = "$SELF" ] && [ "$patience" -gt 0 ] && succeeded; do
    sleep 1
    patience=$((patience - 1))
    newer=$(agreed)
    master=${newer:-$master}
  done
  umask 077
  {
    echo 'include /etc/redis/redis.conf'
    echo 'include /run/secrets/redis/replication.conf'
    echo "replica-announce-ip $SELF"
    [ "$master" = "$SELF" ] || echo "replicaof $master 6379"
  } >/run/redis/redis.conf
  echo "$SELF starts; the master is $master"
  exec redis-server /run/redis/redis.conf
}

start_sentinel() {
  mkdir -p "${LEARNED%/*}"
  master=$(remembered)
  : "${master:=$(agreed)}"
  : "${master:=${MEMBERS%% *}}"
  # What it has learned stays: who it is, which decisions were made, who else is there. All else is what is stated now.
  learned=$(grep -E '^sentinel (myid|(config|leader|current)-epoch|known-(replica|sentinel)) ' "$LEARNED" 2>/dev/null || :)
  umask 077
  {
    cat /etc/redis/sentinel.conf
    echo "sentinel announce-ip $SELF"
    echo "requirepass $SENTINEL_PASSWORD"
    echo "sentinel sentinel-pass $SENTINEL_PASSWORD"
    echo "sentinel monitor $GROUP $master 6379 $QUORUM"
    echo "sentinel auth-user $GROUP sentinel"
    echo "sentinel auth-pass $GROUP $MASTER_PASSWORD"
    cat /etc/redis/sentinel-group.conf
    echo "$learned"
  } >"$LEARNED.new"
  mv "$LEARNED.new" "$LEARNED"
  exec redis-server "$LEARNED" --sentinel
}

# A Sentinel that has noticed time standing still, for itself, does nothing for half a minute.
awake() {
  REDISCLI_AUTH=$SENTINEL_PASSWORD timeout 3 redis-cli -h "$1" -p 26379 info sentinel 2>/dev/null |
    grep -q '^sentinel_tilt:0'
}

leads() { redis 127.0.0.1 role | head -n 1 | grep -q '^master'; }

leave() {
  leads || return 0
  # Nothing more is acknowledged here, so that the one who takes over has all of it.
  redis 127.0.0.1 client pause 15000 write >/dev/null
  for member in $(others); do
    if awake "$member" && [ "$(sentinel "$member" failover "$GROUP")" = OK ]; then break; fi
    member=
  done
  # Sentinel itself would tell this one only ten seconds later whom to follow; until then there would be two masters.
  tries=40
  while [ -n "${member:-}" ] && [ "$tries" -gt 0 ]; do
    newer=$(agreed)
    if [ "${newer:-$SELF}" != "$SELF" ]; then
      redis 127.0.0.1 replicaof "$newer" 6379 >/dev/null
      return 0
    fi
    sleep 0.5
    tries=$((tries - 1))
  done
}

case $1 in
  redis) start_redis ;;
  sentinel) start_sentinel ;;
  leave) leave ;;
esac
