#!/bin/bash
# Starts PostgreSQL as the public image of that name does: an empty PGDATA is filled first, from POSTGRES_USER,
# POSTGRES_PASSWORD, POSTGRES_DB, POSTGRES_INITDB_ARGS, POSTGRES_INITDB_WALDIR, POSTGRES_HOST_AUTH_METHOD (each also as
# NAME_FILE, a file that holds the value) and from /docker-entrypoint-initdb.d. Written for this project.
set -euo pipefail
shopt -s nullglob

say() { printf '%s\n' "entrypoint: $*" >&2; }
refuse() { say "$*"; exit 1; }

# The value of NAME, or of the file that NAME_FILE names, or a default; it ends up in NAME.
take() {
  local name=$1 file="${1}_FILE"
  [[ -z ${!name:-} || -z ${!file:-} ]] || refuse "both $name and $file are set; set one of them"
  if [[ -n ${!file:-} ]]; then
    [[ -r ${!file} ]] || refuse "$file names ${!file}, which cannot be read"
    export "$name"="$(<"${!file}")"
  elif [[ -z ${!name:-} ]]; then
    export "$name"="${2:-}"
  fi
  unset "$file"
}

run_file() {
  case $1 in
    *.sh) if [[ -x $1 ]]; then say "runs $1"; "$1"; else say "reads $1"; . "$1"; fi ;;
    *.sql) say "applies $1"; query --file="$1" ;;
    *.sql.gz) say "applies $1"; gzip --decompress --stdout "$1" | query ;;
    *) say "leaves $1 alone: neither .sh nor .sql nor .sql.gz" ;;
  esac
}

# psql against the server of the first start, which listens on the socket only.
query() {
  PGPASSWORD=$POSTGRES_PASSWORD PGHOST='' PGHOSTADDR='' psql --no-psqlrc --no-password --quiet \
    --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="${PGDATABASE:-$POSTGRES_DB}" "$@"
}

# The database is made in a folder inside PGDATA and moved into place when it is whole, the mark PG_VERSION last. A first
# start that is cut short is therefore seen by the next one, which begins again.
first_start() {
  local data=$PGDATA new=$PGDATA/.first-start arguments=() file
  if [[ -e $new ]]; then
    say 'the first start was cut short; beginning again'
    find "$data" -mindepth 1 -delete
  fi
  [[ -n $POSTGRES_PASSWORD || $POSTGRES_HOST_AUTH_METHOD == trust ]] ||
    refuse "$data is empty and its superuser has no password: set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE"
  mkdir "$new"
  export PGDATA=$new

  eval "arguments=($POSTGRES_INITDB_ARGS)"
  [[ -z $POSTGRES_INITDB_WALDIR ]] || arguments+=(--waldir="$POSTGRES_INITDB_WALDIR")
  # The password goes through a pipe: any process of the machine could read it among the arguments.
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:-none}") "${arguments[@]}" >&2
  printf '\nhost all all all %s\n' \
    "${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "$@")}" >>"$PGDATA/pg_hba.conf"

  pg_ctl --wait --silent --options="$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")" start >&2
  if [[ $POSTGRES_DB != postgres ]]; then
    PGDATABASE=postgres query --set=name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
  fi
  for file in /docker-entrypoint-initdb.d/*; do run_file "$file"; done
  pg_ctl --wait --silent --mode=fast stop >&2

  find "$new" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv --target-directory="$data" {} +
  sync
  mv "$new/PG_VERSION" "$data"
  rmdir "$new"
  export PGDATA=$data
  say 'the database is made; PostgreSQL starts for good'
}

# `docker-entrypoint.sh -c key=value` means `postgres -c key=value`.
[[ ${1:-} != -* ]] || set -- postgres "$@"
# Only the server itself needs a database; anything else (psql, pg_isready, a shell) is just run.
[[ ${1:-} == postgres ]] || exec "$@"
case " $* " in *' --help '* | *' -? '* | *' --version '* | *' -V '* | *' -C '* | *' --describe-config '*) exec "$@" ;; esac

if [[ $(id --user) == 0 ]]; then
  mkdir --parents "$PGDATA" /var/run/postgresql
  chown --recursive postgres: "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

take POSTGRES_PASSWORD
take POSTGRES_USER postgres
take POSTGRES_DB "$POSTGRES_USER"
take POSTGRES_INITDB_ARGS
take POSTGRES_INITDB_WALDIR
take POSTGRES_HOST_AUTH_METHOD
mkdir --parents "$PGDATA"
# A folder of a volume comes with the volume's own mode; the server refuses one that others may read.
chmod 0700 "$PGDATA" 2>/dev/null || true # the volume's own root is not ours to change; initdb copes with it
[[ -s $PGDATA/PG_VERSION ]] || first_start "${@:2}"
# The server needs no password of its own, and what is not in its environment cannot be read there.
unset POSTGRES_PASSWORD
exec "$@"
