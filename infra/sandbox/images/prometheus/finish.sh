# Runs as root inside the image while it is made.
mkdir -p /prometheus
chown 65534:65534 /prometheus
