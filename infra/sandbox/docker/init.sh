#!/bin/bash
# First process of a Docker daemon's namespaces: a root of its own, an address, and then dockerd under a supervisor. It only
# reaps what ends; whether the daemon is well is asked of its socket.
set -eu
. "$SOURCES/host/root.sh"
mkdir -p opt/sandbox run/programs
read_only "$SOURCES" opt/sandbox
# The daemon keeps a key there.
bind "$STATE/etc/docker" etc/docker
# A /var/run of its own would outlive a boot.
[ -e var/run ] || ln -s /run var/run
hostname docker
enter
# As on a machine that systemd started: who mounts the root into a container asks for what is mounted later.
mount --make-rshared /
export PATH=/run/programs:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
# What a package's installation would have linked, had it been installed.
for program in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  ln -s /usr/sbin/xtables-nft-multi "/run/programs/$program"
done
ip link set lo up
until ip link show eth0 > /dev/null 2>&1; do sleep 0.05; done
ip addr add "$ADDRESS/30" dev eth0
ip link set eth0 up
ip route add default via "$HOST"
mkdir -p /var/lib/docker /var/log /var/tmp
# What a killed daemon has left behind would be taken for a living one, and stops the next for good where another process
# has got its number meanwhile.
bash /opt/sandbox/node/supervise.sh dockerd sh -c '
  rm -f /state/docker.sock /run/docker.pid /run/docker/containerd/containerd.pid
  exec dockerd --config-file=/state/daemon.json' &
while :; do wait || sleep 1; done
