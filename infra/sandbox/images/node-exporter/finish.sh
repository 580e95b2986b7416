# Runs as root inside the image while it is made.
ln -s prometheus-node-exporter /usr/bin/node_exporter
ln -s busybox /usr/bin/wget
