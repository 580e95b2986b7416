# Runs as root inside the image while it is made. The public TimescaleDB image stands on another system than the public
# PostgreSQL one, and its postgres is number 70.
sed -i 's/^postgres:x:999:999:/postgres:x:70:70:/' /etc/passwd
sed -i 's/^postgres:x:999:/postgres:x:70:/' /etc/group
chown -R postgres:postgres /var/lib/postgresql /var/run/postgresql
sed -i "s|^#\?shared_preload_libraries .*|shared_preload_libraries = 'timescaledb'|" /usr/share/postgresql/15/postgresql.conf.sample
