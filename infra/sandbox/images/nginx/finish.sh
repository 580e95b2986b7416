# Runs as root inside the image while it is made.
mkdir -p /docker-entrypoint.d
rm -rf /etc/nginx/sites-available /etc/nginx/sites-enabled /etc/nginx/modules-enabled
# IPv6 may be off where the image runs; nginx would not start then.
[ -e /usr/share/nginx/html/50x.html ] || cp /usr/share/nginx/html/index.html /usr/share/nginx/html/50x.html
