#!/bin/sh
# Starts RabbitMQ as the public image of that name does: root steps down to the user rabbitmq, and so do its tools.
# Written for this project.
set -eu
case $1 in
  rabbitmq*)
    if [ "$(id -u)" = 0 ]; then
      [ "$1" != rabbitmq-server ] || find /var/lib/rabbitmq ! -user rabbitmq -exec chown rabbitmq '{}' +
      exec setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups "$0" "$@"
    fi
    ;;
esac
exec "$@"
