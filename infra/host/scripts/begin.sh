# What all parts of the preparation use. Everything here may run again at any time, and then finds nothing to do.
umask 022
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive

say() { printf 'host: %s\n' "$*"; }

refuse() {
  say "$*" >&2
  exit 1
}

# Whatever stops it, nothing half-written stays.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# put MODE PATH <content: `wrote` tells whether the file was another before. It is whole at any moment.
put() {
  wrote=
  cat >"$scratch/put"
  if cmp -s "$scratch/put" "$2"; then
    chmod "$1" "$2"
  else
    mkdir -p "$(dirname "$2")"
    next=$(dirname "$2")/.$(basename "$2").next
    install -m "$1" "$scratch/put" "$next"
    mv -f "$next" "$2"
    wrote=yes
    say "wrote $2"
  fi
}

# fetch URL SHA256 FILE: what is fetched is what was stated, or it is not kept.
fetch() {
  curl --fail --silent --show-error --location --retry 5 --retry-connrefused --connect-timeout 20 --output "$scratch/fetched" "$1" ||
    refuse "$1: not to be had; is the address right, and does the host reach it?"
  found=$(sha256sum "$scratch/fetched" | cut -d ' ' -f 1)
  [ "$found" = "$2" ] || refuse "$1: found checksum $found; wanted $2: not used"
  mv -f "$scratch/fetched" "$3"
}

reload=
# unit NAME <content: a unit of systemd, known to it before the next start.
unit() {
  put 0644 "/etc/systemd/system/$1"
  [ -z "$wrote" ] || reload=yes
}

# start NAME: enabled and running; systemctl says neither twice.
start() {
  [ -z "$reload" ] || systemctl daemon-reload
  reload=
  systemctl enable --now "$1"
}

[ "$(uname -m)" = x86_64 ] || refuse "found a $(uname -m); wanted x86_64, which the programs are built for"
[ "$(id -u)" = 0 ] || refuse "found user $(id -un); wanted root: run it with sudo"
memory=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
[ "$memory" -ge "$LEAST_MEMORY" ] || refuse "found $memory KiB of memory; wanted $LEAST_MEMORY"
disk=$(df -k --output=size / | tail -n 1 | tr -d ' ')
[ "$disk" -ge "$LEAST_DISK" ] || refuse "found a root disk of $disk KiB; wanted $LEAST_DISK"
