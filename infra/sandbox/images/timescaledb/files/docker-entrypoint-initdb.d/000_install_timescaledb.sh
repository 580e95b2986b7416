#!/bin/bash
# The extension is there in every database, as in the public image: in those made later through template1.
set -eu
for database in template1 postgres "$POSTGRES_DB"; do
  PGPASSWORD=$POSTGRES_PASSWORD psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" \
    --dbname="$database" --command='CREATE EXTENSION IF NOT EXISTS timescaledb CASCADE' >&2
done
