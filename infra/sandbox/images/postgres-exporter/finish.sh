# Runs as root inside the image while it is made.
ln -s prometheus-postgres-exporter /usr/bin/postgres_exporter
