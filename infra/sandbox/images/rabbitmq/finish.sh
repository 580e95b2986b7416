# Runs as root inside the image while it is made.
# The tools are where the public image has them: Debian's own, on the PATH, refuse any user but root and rabbitmq by name.
ln -s /usr/lib/rabbitmq/lib/rabbitmq_server-* /opt/rabbitmq
rm -f /etc/rabbitmq/rabbitmq-env.conf
mkdir -p /etc/rabbitmq/conf.d /var/lib/rabbitmq
chown rabbitmq:rabbitmq /var/lib/rabbitmq
chmod 0777 /var/lib/rabbitmq
