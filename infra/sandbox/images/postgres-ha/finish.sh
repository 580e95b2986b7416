# Runs as root inside the image while it is made. The public image keeps its database below the home of postgres, who is
# number 1000 there.
sed -i 's|^postgres:x:999:999:[^:]*:[^:]*:|postgres:x:1000:1000:PostgreSQL:/home/postgres:|' /etc/passwd
sed -i 's/^postgres:x:999:/postgres:x:1000:/' /etc/group
install -d -m 0750 /home/postgres /home/postgres/pgdata
ln -sf /usr/local/bin/docker-entrypoint.sh /docker-entrypoint.sh
chown -R postgres:postgres /home/postgres /var/lib/postgresql /var/run/postgresql
