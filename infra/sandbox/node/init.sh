#!/bin/bash
# First process of an instance, started in new namespaces. It gives the instance a root of its own and goes on as
# services.sh. Every path inside is the standard one; of the host's tree only STATE can be written to.
set -eu
root=$STATE/root
mount -t tmpfs -o mode=755 root "$root"
cd "$root"
mkdir -p usr etc dev proc sys var run opt/kube opt/sandbox opt/node state old
mkdir -m 1777 tmp
# Links into a merged /usr.
for link in bin sbin lib lib64; do [ ! -e "/$link" ] || cp -a "/$link" .; done
mount -t overlay -o "ro,lowerdir=$PACKAGES/usr:/usr" usr usr
bind() { mount --bind "$1" "$2"; }
read_only() { mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"; }
read_only /etc etc
mount --rbind /dev dev
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 run run
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  # cgroup v2: untested here. Controllers can only be handed on by a group without processes: the host moved this one.
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  sed 's/\([a-z_]\+\)/+\1/g' sys/fs/cgroup/cgroup.controllers > sys/fs/cgroup/cgroup.subtree_control
else
  mount -t tmpfs -o mode=755 cgroup sys/fs/cgroup
  while IFS=: read -r _ controllers _; do
    [ -n "$controllers" ] || continue
    group=sys/fs/cgroup/${controllers#name=}
    mkdir -p "$group"
    mount -t cgroup -o "$controllers" cgroup "$group"
  done < /proc/self/cgroup
fi
bind "$STATE/var" var
bind "$STATE" state
# The binary beside the folder of links must be visible too.
read_only "$(dirname "$(readlink -f "$KUBE/kubelet")")" opt/kube
for program in "$KUBE"/*; do program=${program##*/}; mkdir -p run/programs; ln -s /opt/kube/kube "run/programs/$program"; done
read_only "$SOURCES" opt/sandbox
touch opt/node/node
read_only "$NODE" opt/node/node
# The kubelet insists on these values, which belong to the whole machine: show it files that already hold them.
mkdir run/sysctl
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=run/sysctl/$(basename "${setting%%=*}")
  echo "${setting#*=}" > "$file"
  mount --bind "$file" "proc/sys/${setting%%=*}"
done
hostname sandbox
pivot_root . old
umount -l /old
rmdir /old
exec bash /opt/sandbox/node/services.sh
