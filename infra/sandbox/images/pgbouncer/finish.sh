# Runs as root inside the image while it is made.
ln -sf /usr/sbin/pgbouncer /usr/bin/pgbouncer
printf '#!/bin/sh\nexec /usr/bin/pgbouncer /etc/pgbouncer/pgbouncer.ini\n' >/entrypoint.sh
chmod 0755 /entrypoint.sh
