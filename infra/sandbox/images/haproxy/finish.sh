# Runs as root inside the image while it is made.
mkdir -p /usr/local/etc/haproxy /var/lib/haproxy
ln -s /usr/sbin/haproxy /usr/local/sbin/haproxy
