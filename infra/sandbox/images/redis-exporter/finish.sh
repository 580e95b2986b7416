# Runs as root inside the image while it is made.
ln -s usr/bin/prometheus-redis-exporter /redis_exporter
# The client of the public image, with which its health is asked.
ln -s busybox /usr/bin/wget
