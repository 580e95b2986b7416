# Runs as root inside the image while it is made.
mkdir -p /data
chmod 1777 /data
