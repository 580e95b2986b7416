#!/bin/sh
# Starts Node as the public image of that name does: an option, a file that is no program, and what is nothing at all are
# for Node itself. Written for this project.
set -eu
for_node() {
  case $1 in -* | '') return 0 ;; esac
  program=$(command -v "$1") || return 0
  [ -f "$program" ] && [ ! -x "$program" ]
}
if for_node "${1:-}"; then set -- node "$@"; fi
exec "$@"
