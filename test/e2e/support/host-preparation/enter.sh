#!/bin/sh
# A root file system of its own, in namespaces of its own, until whoever started it ends: enter.sh DIR SOCKET PACKAGES LAYER…
set -eu
dir=$1 socket=$2 packages=$3
shift 3
mount -t tmpfs -o mode=0755 tmpfs "$dir"
cd "$dir"
mkdir lower upper scratch root
for layer; do tar --extract --file="$layer" --directory=lower --numeric-owner --same-permissions; done
mount -t overlay -o "lowerdir=lower,upperdir=upper,workdir=scratch" overlay root
cd root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=0755 tmpfs dev
for device in null zero full random urandom; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mount -t tmpfs -o mode=0755 tmpfs run
mkdir -m 1777 run/lock
: >run/docker.sock
mount --bind "$socket" run/docker.sock
mkdir -p opt/packages var/lib/docker
mount --bind "$packages" opt/packages
echo ready
# Its end is told by the closing of its input.
exec chroot . /bin/cat
