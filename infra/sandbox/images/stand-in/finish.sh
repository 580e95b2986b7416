# Runs as root inside the image while it is made.
ln -s busybox /usr/bin/wget
