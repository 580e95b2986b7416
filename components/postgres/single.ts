/** PostgreSQL alone: the image's own entrypoint makes the database and starts the server. */
import { CONTAINER_SECURITY, probes, resources, type PlatformComponent } from '../core/index.ts';
import { configuration, credentials, store, type Belonging } from '../store/index.ts';
import { firstStartSql, postgresqlConf } from './configuration.ts';
import { COMMAND, FOLDERS, GRACE, ready, serverEnvironment } from './facts.ts';
import { SQL_PORT } from './patroni.ts';
import type { PostgresArgs, Served } from './postgres.ts';
import { serverRenewal } from './renewal.ts';
import { accessRules, podIdentity, tlsMounts, tlsParameters, tlsVolumes } from './tls.ts';

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
    'postgresql.conf': postgresqlConf(
      args,
      tls && { hba_file: `${FOLDERS.configuration}/pg_hba.conf`, ...tlsParameters(tls) },
    ),
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
    grace: GRACE,
    secrets: { key: args.fingerprintKey, values: auth.values },
    reads: [auth.secret, config.object],
  });
  return { workload, subject, auth };
}

const files = (...names: string[]) => names.map((key) => ({ key, path: key }));

function container(args: PostgresArgs) {
  return {
    name: 'postgres',
    image: args.image.reference,
    args: [...COMMAND],
    env: Object.entries(serverEnvironment(args)).map(([name, value]) => ({ name, value })),
    resources: resources(args.cpu, args.memory),
    securityContext: CONTAINER_SECURITY,
    ...probes({ exec: { command: ready(args) } }),
    volumeMounts: [
      { name: 'data', mountPath: FOLDERS.data },
      { name: 'config', mountPath: FOLDERS.configuration, readOnly: true },
      { name: 'first-start', mountPath: FOLDERS.firstStart, readOnly: true },
      { name: 'auth', mountPath: FOLDERS.auth, readOnly: true },
      ...tlsMounts(args.tls),
      { name: 'run', mountPath: '/var/run/postgresql' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}
