# Read by the first process of an instance, in its new namespaces and with STATE and PACKAGES set: makes the root that it
# pivots into and goes there. Every path inside is the standard one; of the host's tree only STATE can be written to.
# shellcheck shell=bash
root=$STATE/root
mount -t tmpfs -o mode=755 root "$root"
cd "$root"
mkdir -p usr etc dev proc sys var run state old
mkdir -m 1777 tmp
# Links into a merged /usr.
for link in bin sbin lib lib64; do [ ! -e "/$link" ] || cp -a "/$link" .; done
mount -t overlay -o "ro,lowerdir=$PACKAGES/usr:/usr" usr usr
bind() { mount --bind "$1" "$2"; }
read_only() { mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"; }
# What an instance has to say in /etc lies over the host's.
if [ -d "$STATE/etc" ]; then mount -t overlay -o "ro,lowerdir=$STATE/etc:/etc" etc etc; else read_only /etc etc; fi
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
# The last step, once everything of the host's tree that is wanted has been bound.
enter() {
  pivot_root . old
  umount -l /old
  rmdir /old
}
