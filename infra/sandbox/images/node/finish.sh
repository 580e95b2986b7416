# Runs as root inside the image while it is made.
ln -s node /usr/local/bin/nodejs
mkdir -p /home/node
chown 1000:1000 /home/node
