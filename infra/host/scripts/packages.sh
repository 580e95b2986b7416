# Debian packages: an update of all of them once, and what is missing whenever something is.
mark=/var/lib/platform-host/upgraded
missing=
for package in $PACKAGES; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ ! -e "$mark" ] || [ -n "$missing" ]; then
  # Others may be at it just after a boot.
  set -- -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5
  apt-get "$@" update
  if [ ! -e "$mark" ]; then
    apt-get "$@" upgrade
    mkdir -p "$(dirname "$mark")"
    : >"$mark"
  fi
  # shellcheck disable=SC2086 # a list
  [ -z "$missing" ] || apt-get "$@" install --no-install-recommends $missing
fi
