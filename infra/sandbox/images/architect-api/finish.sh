# Runs as root inside the image while it is made: compiled once here, because a read-only root keeps nothing.
python3 -m compileall -q --invalidation-mode unchecked-hash /app
# Where a volume with the backups is mounted.
mkdir -p /var/lib/architect/backups
chown 10001:10001 /var/lib/architect/backups
