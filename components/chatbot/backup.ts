/** A backup of the database before an update, as a command for the database's own image (C-BKP-1, CONF-18). */
import { PORTS } from './facts.ts';

/**
 * Where the backups lie: a volume of its own, mounted here. A new volume takes over the owner of the folder it is mounted
 * at, and of this one PostgreSQL's user is the owner in every image of PostgreSQL.
 */
export const BACKUP_FOLDER = '/var/lib/postgresql/data';

/** How many backups are kept, the newest (GAP-11, ours). */
const KEPT = 10;

/**
 * A shell script: `backup_YYYYMMDD_HHMMSS.dump` in pg_dump's own compressed format, with its check sum beside it. What is
 * written only gets its name once it was read back, so that half a backup is none. `PGPASSWORD` is read from the environment.
 */
export const backupScript = ({ user, database }: { readonly user: string; readonly database: string }): string =>
  `set -eu
umask 077
cd ${BACKUP_FOLDER}
name=backup_$(date -u +%Y%m%d_%H%M%S).dump
trap 'rm -f "$name.part"' EXIT
pg_dump --host=postgres --port=${PORTS.postgres} --username=${user} --dbname=${database} --format=custom --file="$name.part"
pg_restore --list "$name.part" >/dev/null
mv "$name.part" "$name"
sha256sum "$name" >"$name.sha256"
# The newest ${KEPT} stay; the names tell which are older.
ls -1 backup_*.dump | sort -r | tail -n +${KEPT + 1} | while read -r old; do rm -f "$old" "$old.sha256"; done
echo "backup complete: $name, $(wc -c <"$name") bytes"
`;

/** What the script says at its end. */
export const BACKED_UP = 'backup complete: ';
