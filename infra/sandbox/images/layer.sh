#!/bin/sh
# One image layer out of Debian packages, without touching this machine's own: layer.sh OUT STATE LOWER…
#
#   OUT     the layer archive to write
#   STATE   the folder of apt's own configuration for this work (APT_CONFIG), its lists, and its downloads
#   LOWER…  the layer archives below, lowest first; none: this layer is the first root file system
#
# and from the environment, separated by blanks:
#   PACKAGES      Debian packages, without what they merely recommend
#   FOLDERS       folders whose `files/` are laid into the root first, and whose `finish.sh` runs inside it last
#   USERS         name:uid, made before the packages are (whose scripts would choose a number of their own)
#   DROP          what the layer leaves out, as paths of the root (globs)
#   UNPACK        archives to unpack over the root
#
# Call it in a mount and process namespace of its own (`unshare --mount --pid --fork --kill-child`): everything happens
# on a memory file system there, so that whatever stops it, nothing stays mounted, running or half-written.
set -eu
umask 022
out=$1 state=$2
shift 2
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# No file is newer than this, so that a layer does not tell when it was made. Set, it also makes Python check its compiled
# files by the sources' content instead of their time.
export SOURCE_DATE_EPOCH=1704067200

work=$state/work
mkdir -p "$work" "$state/archives/partial"
mount -t tmpfs -o mode=0755 tmpfs "$work"
mkdir "$work/lower" "$work/upper" "$work/scratch" "$work/root"
root=$work/root
for layer; do tar --extract --file="$layer" --directory="$work/lower" --numeric-owner --same-permissions; done
mount -t overlay -o "lowerdir=$work/lower,upperdir=$work/upper,workdir=$work/scratch" overlay "$root"

mkdir -p "$root/var/cache/apt/archives" "$root/proc" "$root/dev"
mount --bind "$state/archives" "$root/var/cache/apt/archives"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero full random urandom; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done

if [ $# -eq 0 ]; then
  # The first root: Debian's essential packages unpacked by hand, then installed properly by their own dpkg.
  mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/var/lib/dpkg" "$root/etc/dpkg/dpkg.cfg.d"
  for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
  : >"$root/var/lib/dpkg/status"
  printf 'path-exclude=/usr/share/%s/*\n' doc man info locale lintian linda groff >"$root/etc/dpkg/dpkg.cfg.d/slim"
  apt-get -qq --error-on=any update
  # shellcheck disable=SC2086 # PACKAGES is a list
  apt-get -qq --yes --download-only install '?essential' usr-is-merged $PACKAGES
  for package in "$state"/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar --extract --directory="$root" --keep-directory-symlink \
      --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/info/*' --exclude='./usr/share/locale/*'
  done
  printf '#!/bin/sh\n# No package may start a daemon while an image is made.\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 0755 "$root/usr/sbin/policy-rc.d"
  chroot "$root" sh -c 'dpkg --force-depends --force-unsafe-io --install /var/cache/apt/archives/*.deb'
else
  for folder in $FOLDERS; do
    [ ! -d "$folder/files" ] || tar --create --directory="$folder/files" --owner=0 --group=0 --mode=u=rwX,go=rX . |
      tar --extract --directory="$root" --no-overwrite-dir
  done
  for user in $USERS; do
    name=${user%:*} id=${user#*:}
    grep -q "^$name:" "$root/etc/group" || echo "$name:x:$id:" >>"$root/etc/group"
    grep -q "^$name:" "$root/etc/passwd" || echo "$name:x:$id:$id::/nonexistent:/usr/sbin/nologin" >>"$root/etc/passwd"
    grep -q "^$name:" "$root/etc/shadow" || echo "$name:*:19700::::::" >>"$root/etc/shadow"
  done
  if [ -n "$PACKAGES" ]; then
    apt-get -qq --error-on=any update
    # shellcheck disable=SC2086 # PACKAGES is a list
    apt-get -qq --yes install $PACKAGES
  fi
fi
for archive in $UNPACK; do
  tar --extract --file="$archive" --directory="$root" --no-same-owner --keep-directory-symlink
done
for folder in $FOLDERS; do
  [ ! -f "$folder/finish.sh" ] || chroot "$root" sh -eu <"$folder/finish.sh"
done

umount --recursive "$root"
cd "$work/upper"
# shellcheck disable=SC2086 # DROP is a list of globs
set -- var/cache/apt var/cache/debconf/*-old var/cache/ldconfig/aux-cache var/lib/dpkg/*-old var/lib/dpkg/lock* \
  var/lib/apt var/log/* etc/*- root/.bash_history tmp/* proc dev $DROP
rm -rf -- "$@"
removed=$(find . -type c)
if [ -n "$removed" ]; then
  echo "this layer removes what a layer below it holds, which an image would not save: $removed" >&2
  exit 1
fi
mkdir -m 0555 -p proc sys
mkdir -m 0755 -p dev
mkdir -m 1777 -p tmp
tar --create --file="$out" --sort=name --format=gnu --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --clamp-mtime .
