#!/bin/sh
# One node of RabbitMQ: `start`, and `leave` before the pod stops.
#
#   SELF    the host name of this node, which outlives the pod
#   COUNT   how many nodes there are
set -eu

start() {
  # A name that was asked for too early is unknown for some seconds more, and the node would give up.
  until getent hosts "$SELF" >/dev/null; do
    echo "waiting for the name $SELF"
    sleep 1
  done
  umask 077
  # Erlang wants the file to be its owner's alone, which no mounted Secret is.
  cp /run/secrets/rabbitmq/cookie "$HOME/.erlang.cookie.new"
  chmod 0400 "$HOME/.erlang.cookie.new"
  mv -f "$HOME/.erlang.cookie.new" "$HOME/.erlang.cookie"
  exec rabbitmq-server
}

# Not before the queues can do without this node; then their leaders move away and clients are sent elsewhere.
leave() {
  [ "$COUNT" -gt 1 ] || return 0
  rabbitmq-upgrade await_online_quorum_plus_one -t 30 || :
  rabbitmq-upgrade drain -t 30 || :
}

case $1 in
  start) start ;;
  leave) leave ;;
esac
