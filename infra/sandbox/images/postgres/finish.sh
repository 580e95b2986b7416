# Runs as root inside the image while it is made.
mkdir -p /docker-entrypoint-initdb.d /var/lib/postgresql/data /var/run/postgresql
# Any non-root user that a security context chooses may use these, as in the public image.
chmod 1777 /var/lib/postgresql/data
chmod 3777 /var/run/postgresql
chown -R postgres:postgres /var/lib/postgresql /var/run/postgresql
sed -i "s|^#\?listen_addresses .*|listen_addresses = '*'|" /usr/share/postgresql/15/postgresql.conf.sample
