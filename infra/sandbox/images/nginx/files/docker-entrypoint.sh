#!/bin/sh
# Starts nginx as the public image of that name does: what lies in /docker-entrypoint.d runs first, in order.
# Written for this project.
set -eu
for script in /docker-entrypoint.d/*; do
  case $script in
    *.envsh) [ ! -x "$script" ] || . "$script" ;;
    *.sh) [ ! -x "$script" ] || "$script" ;;
  esac
done
exec "$@"
