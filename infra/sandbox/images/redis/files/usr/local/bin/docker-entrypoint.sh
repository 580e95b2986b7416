#!/bin/sh
# Starts Redis as the public image of that name does: options or a configuration file alone mean `redis-server`, and
# root steps down to the user redis. Written for this project.
set -eu
case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . ! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
fi
# Data and append-only files are nobody else's business.
[ "$(umask)" != 0022 ] || umask 0077
exec "$@"
