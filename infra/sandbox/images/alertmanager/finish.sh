# Runs as root inside the image while it is made.
ln -s prometheus-alertmanager /usr/bin/alertmanager
ln -s busybox /usr/bin/wget
mkdir -p /alertmanager /etc/alertmanager
chown 65534:65534 /alertmanager
