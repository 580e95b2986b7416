#!/bin/sh
# Starts HAProxy as the public image of that name does: options alone mean `haproxy`, and it stays in the foreground as a
# master with its workers. Written for this project.
set -eu
case ${1:-} in -*) set -- haproxy "$@" ;; esac
if [ "$1" = haproxy ]; then
  shift
  set -- haproxy -W -db "$@"
fi
exec "$@"
