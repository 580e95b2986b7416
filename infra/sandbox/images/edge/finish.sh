# Runs as root inside the image while it is made.
# Modules and rules lie where the public image has them.
ln -sfn /usr/lib/nginx/modules /etc/nginx/modules
ln -sfn /usr/share/modsecurity-crs /opt/owasp-crs
rm -rf /etc/nginx/modules-enabled /etc/nginx/sites-available /etc/nginx/sites-enabled
