/** PostgreSQL, one instance on one volume. Knows nothing of who connects: the stack's edges say that. */
import type * as pulumi from '@pulumi/pulumi';
import {
  CONTAINER_SECURITY,
  PlatformComponent,
  probes,
  resources,
  type SecretRef,
  type Workload,
} from '../core/index.ts';
import { configuration, credentials, store, type ServerArgs } from '../store/index.ts';
import { firstStartSql, postgresqlConf, type ServerSettings } from './configuration.ts';

/** The port of the protocol (A-PORT-2). */
const PORT = 5432;
const DATA = '/var/lib/postgresql/data';
const AUTH = '/run/secrets/postgres';

/** The image is PostgreSQL 15's, with the TimescaleDB library when `timescaledb` is on (A-TOPO-2). */
export interface PostgresArgs extends ServerSettings, ServerArgs {
  /** The superuser (A-ENV-7). Read when the data directory is made; changing it later changes nothing on the volume. */
  readonly user: string;
  /** The database (A-ENV-9). Read when the data directory is made, as the user is. */
  readonly database: string;
}

/**
 * One PostgreSQL, its password in a Secret of its own and in nothing else.
 *
 * Cost: one pod, one volume. Failure: while the pod is away, so is the database; the volume outlives the pod, and goes
 * with the namespace.
 */
export class Postgres extends PlatformComponent {
  readonly workload: Workload;
  readonly port = PORT;
  /** The digest of template and configuration, as it stands on the pod. */
  readonly subject: pulumi.Output<string>;
  readonly passwordRef: SecretRef;
  /** The password, for those who must build an address of it. A secret. */
  readonly password: pulumi.Output<string>;

  constructor(name: string, args: PostgresArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:data:Postgres', name, { timescaledb: args.timescaledb, storage: args.storage }, options);
    const identity = { component: 'postgres', instance: name, partOf: args.partOf };
    const belonging = { ...args, identity };

    const auth = credentials(this, name, belonging, 32, (password) => ({ password }));
    const config = configuration(this, `${name}-config`, belonging, {
      'first-start.sql': firstStartSql(args),
      'postgresql.conf': postgresqlConf(args),
    });

    const { workload, subject } = store(this, name, {
      ...args,
      identity,
      uid: args.image.uid,
      ports: { sql: PORT },
      container: container(args),
      volumes: [
        { name: 'config', configMap: { name: config.name, items: files('postgresql.conf') } },
        { name: 'first-start', configMap: { name: config.name, items: files('first-start.sql') } },
        { name: 'auth', secret: { secretName: `${name}-auth`, defaultMode: 0o440 } },
        { name: 'run', emptyDir: {} },
        { name: 'tmp', emptyDir: {} },
      ],
      // Enough for a checkpoint; killed half-way, the next start replays the log.
      grace: 60,
      secrets: { key: args.fingerprintKey, values: auth.values },
      reads: [auth.secret, config.object],
    });

    this.workload = workload;
    this.subject = subject;
    this.passwordRef = auth.ref('password');
    this.password = auth.password;
    this.registerOutputs({ subject });
  }
}

const files = (...names: string[]) => names.map((key) => ({ key, path: key }));

function container(args: PostgresArgs) {
  // Over TCP: during its first start the server listens on a socket only, and is not ready yet.
  const command = ['pg_isready', '-q', '-h', '127.0.0.1', '-p', `${PORT}`, '-U', args.user, '-d', args.database];
  return {
    name: 'postgres',
    image: args.image.reference,
    args: ['postgres', '-c', 'config_file=/etc/postgresql/postgresql.conf'],
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
      { name: 'config', mountPath: '/etc/postgresql', readOnly: true },
      { name: 'first-start', mountPath: '/docker-entrypoint-initdb.d', readOnly: true },
      { name: 'auth', mountPath: AUTH, readOnly: true },
      { name: 'run', mountPath: '/var/run/postgresql' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}
