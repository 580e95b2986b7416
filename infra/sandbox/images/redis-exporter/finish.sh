# Runs as root inside the image while it is made.
ln -s usr/bin/prometheus-redis-exporter /redis_exporter
