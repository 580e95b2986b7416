/** PostgreSQL alone: the image's own entrypoint makes the database and starts the server. */
import { CONTAINER_SECURITY, probes, resources, type PlatformComponent } from '../core/index.ts';
import { configuration, credentials, store, type Belonging } from '../store/index.ts';
import { firstStartSql, postgresqlConf } from './configuration.ts';
import { SQL_PORT } from './patroni.ts';
import type { PostgresArgs, Served } from './postgres.ts';
import { serverRenewal } from './renewal.ts';
import { accessRules, podIdentity, tlsMounts, tlsParameters, tlsVolumes } from './tls.ts';

const DATA = '/var/lib/postgresql/data';
const AUTH = '/run/secrets/postgres';
const CONFIGURATION = '/etc/postgresql';

/** Makes the store of one server as a child of `owner`. */
export function single(owner: PlatformComponent, name: string, belonging: Belonging, args: PostgresArgs): Served {
  const { tls } = args;
  const auth = credentials(owner, name, belonging, 32, (password) => ({ password }));
  const access = tls && {
    'pg_hba.conf': `${accessRules(tls, { superuser: args.user }).join('\n')}\n`,
    'pg_ident.conf': `${podIdentity(args.user)}\n`,
  };
  const config = configuration(owner, `${name}-config`, belonging, {
    'first-start.sql': firstStartSql(args),
    'postgresql.conf': postgresqlConf(args, tls && { hba_file: `${CONFIGURATION}/pg_hba.conf`, ...tlsParameters(tls) }),
    ...access,
  });
  const { workload, subject } = store(owner, name, {
    ...args,
    identity: belonging.identity,
    uid: args.image.uid,
    ports: { sql: SQL_PORT },
    container: container(args),
    ...(tls && { sidecars: [serverRenewal(args)] }),
    volumes: [
      {
        name: 'config',
        configMap: { name: config.name, items: files('postgresql.conf', ...Object.keys(access ?? {})) },
      },
      { name: 'first-start', configMap: { name: config.name, items: files('first-start.sql') } },
      { name: 'auth', secret: { secretName: `${name}-auth`, defaultMode: 0o440 } },
      ...tlsVolumes(tls),
      { name: 'run', emptyDir: {} },
      { name: 'tmp', emptyDir: {} },
    ],
    // Enough for a checkpoint; killed half-way, the next start replays the log.
    grace: 60,
    secrets: { key: args.fingerprintKey, values: auth.values },
    reads: [auth.secret, config.object],
  });
  return { workload, subject, auth };
}

const files = (...names: string[]) => names.map((key) => ({ key, path: key }));

function container(args: PostgresArgs) {
  // Over TCP: during its first start the server listens on a socket only, and is not ready yet.
  const command = ['pg_isready', '-q', '-h', '127.0.0.1', '-p', `${SQL_PORT}`, '-U', args.user, '-d', args.database];
  return {
    name: 'postgres',
    image: args.image.reference,
    args: ['postgres', '-c', `config_file=${CONFIGURATION}/postgresql.conf`],
    env: [
      { name: 'PGDATA', value: `${DATA}/pgdata` },
      { name: 'POSTGRES_DB', value: args.database },
      {
        name: 'POSTGRES_INITDB_ARGS',
        // The image trusts connections from within the pod, and that is where a port-forward comes out: without
        // `auth-host`, whoever may forward a port needs no password, and a gate with a wrong one would open.
        value: '--data-checksums --encoding=UTF8 --locale=C.UTF-8 --auth-host=scram-sha-256',
      },
      { name: 'POSTGRES_PASSWORD_FILE', value: `${AUTH}/password` },
      { name: 'POSTGRES_USER', value: args.user },
    ],
    resources: resources(args.cpu, args.memory),
    securityContext: CONTAINER_SECURITY,
    ...probes({ exec: { command } }),
    volumeMounts: [
      { name: 'data', mountPath: DATA },
      { name: 'config', mountPath: CONFIGURATION, readOnly: true },
      { name: 'first-start', mountPath: '/docker-entrypoint-initdb.d', readOnly: true },
      { name: 'auth', mountPath: AUTH, readOnly: true },
      ...tlsMounts(args.tls),
      { name: 'run', mountPath: '/var/run/postgresql' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}
