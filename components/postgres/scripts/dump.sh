#!/bin/sh
# Dumps the database that PG* names into FOLDER, beside its check sum, and keeps the newest KEEP dumps.
set -eu
cd "$FOLDER"
rm -f ./*.part
name=$(date -u +%Y%m%dT%H%M%SZ)-$VERSION.dump
pg_dump --format=custom --file="$name.part"
# A dump whose table of contents cannot be read is none.
pg_restore --list "$name.part" >/dev/null
mv "$name.part" "$name"
sha256sum "$name" >"$name.sha256"
sha256sum -c "$name.sha256"
# Their names begin with the time, and sort by it.
have=$(find . -maxdepth 1 -name '*.dump' | wc -l)
find . -maxdepth 1 -name '*.dump' | sort | head -n "$((have > KEEP ? have - KEEP : 0))" | while read -r old; do
  rm -f "$old" "$old.sha256"
done
echo "dumped $name"
