/**
 * A renewed certificate appears in the pod by itself, but PostgreSQL and PgBouncer read theirs only when they are told to.
 * So somebody in the pod looks, twice a minute, and tells them. No connection is cut for it.
 */
import { CONTAINER_SECURITY, resources, type Image } from '../core/index.ts';
import type { Sidecar } from '../store/index.ts';
import { CERTIFICATES, tlsMounts, type Tls } from './tls.ts';

const CERTIFICATE = `${CERTIFICATES}/tls.crt`;

/** Asks over the socket, as the pod's own user. A first process must say itself that it ends when it is asked to. */
const SERVER = `
trap 'exit 0' TERM INT
seen=$(cksum <"$1")
while :; do
  sleep 30 & wait $!
  now=$(cksum <"$1") || continue
  if [ "$now" != "$seen" ] && psql --no-psqlrc --quiet --username="$2" --dbname=postgres --output=/dev/null --command='SELECT pg_reload_conf()'; then
    seen=$now
    echo "the certificate was renewed"
  fi
done
`;

/** Runs beside PgBouncer, hands on its signals, and ends as it ends. */
const POOLER = `
pgbouncer "$1" & child=$!
trap 'kill -INT $child' INT
trap 'kill -TERM $child' TERM
(
  seen=$(cksum <"$2")
  while sleep 30; do
    now=$(cksum <"$2") || continue
    if [ "$now" != "$seen" ]; then kill -HUP $child && seen=$now; fi
  done
) &
code=0
while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
exit $code
`;

/** The one who looks, beside a PostgreSQL that has a certificate. */
export const serverRenewal = ({
  image,
  user,
  tls,
}: {
  readonly image: Image;
  readonly user: string;
  readonly tls?: Tls | undefined;
}): Sidecar => ({
  name: 'renewal',
  image: image.reference,
  command: ['sh', '-c', SERVER, 'renewal', CERTIFICATE, user],
  resources: resources({ request: '5m', limit: '100m' }, '32Mi'),
  securityContext: CONTAINER_SECURITY,
  volumeMounts: [...tlsMounts(tls), { name: 'run', mountPath: '/var/run/postgresql' }],
});

/** What starts PgBouncer on that file; with a certificate, in the company of one who looks. */
export const poolerCommand = (file: string, tls: Tls | undefined): string[] =>
  tls === undefined ? ['pgbouncer', file] : ['sh', '-c', POOLER, 'pgbouncer', file, CERTIFICATE];
