# Runs as root inside the image while it is made.
mkdir -p /var/lib/grafana /etc/grafana/provisioning
chown 472:0 /var/lib/grafana
