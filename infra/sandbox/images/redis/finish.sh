# Runs as root inside the image while it is made.
mkdir -p /data
chown redis:redis /data
