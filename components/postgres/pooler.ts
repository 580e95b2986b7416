/** PgBouncer in front of PostgreSQL (E-OPS-4). Keeps nothing; any of its pods can go. */
import * as pulumi from '@pulumi/pulumi';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { PodDisruptionBudget } from '@pulumi/kubernetes/policy/v1/podDisruptionBudget.js';
import {
  apart,
  CONTAINER_SECURITY,
  labels,
  podSecurity,
  probes,
  resources,
  seconds,
  selector,
  stamped,
  type Bytes,
  type CpuRange,
  type Duration,
  type Identity,
  type Image,
  type PlatformComponent,
  type Workload,
} from '../core/index.ts';
import { configuration, type Credentials } from '../store/index.ts';
import { pgbouncerIni, POOLER_FOLDER, POOLER_PORT, userLine, type Pool } from './pgbouncer.ts';
import { poolerCommand } from './renewal.ts';
import { tlsMounts, tlsVolumes, type Tls } from './tls.ts';

export { POOLER_PORT } from './pgbouncer.ts';

/** PgBouncer 1.18 or newer. */
export interface PoolerArgs {
  readonly image: Image;
  /** Pods, spread over hosts. Each has its own share of connections to the database. */
  readonly replicas: number;
  readonly pool: Pool;
  readonly cpu: CpuRange;
  readonly memory: Bytes;
}

interface Args extends PoolerArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** The Service of the database. */
  readonly server: string;
  readonly auth: Credentials;
  readonly user: string;
  readonly database: string;
  readonly tls?: Tls | undefined;
  readonly startDeadline: Duration;
  readonly fingerprintKey: pulumi.Input<string>;
}

/** Makes the pooler as children of `owner`, all under its own name. */
export function pooler(owner: PlatformComponent, name: string, args: Args) {
  const { namespace, replicas } = args;
  const identity: Identity = { component: 'pgbouncer', instance: name, partOf: args.partOf };
  const child = { parent: owner };
  const metadata = { name, namespace, labels: labels(identity) };

  const userlist = args.auth.password.apply((password) => userLine(args.user, password));
  const secret = new Secret(
    `${name}-auth`,
    { metadata: { ...metadata, name: `${name}-auth` }, stringData: { 'userlist.txt': userlist } },
    child,
  );
  const config = configuration(
    owner,
    `${name}-config`,
    { namespace, identity },
    {
      'pgbouncer.ini': pgbouncerIni(args.server, args.database, args.pool, args.tls),
    },
  );
  const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, child);
  const service = new Service(
    `${name}-service`,
    {
      metadata: { ...metadata, annotations: { 'pulumi.com/skipAwait': 'true' } },
      spec: { selector: selector(identity), ports: [{ name: 'sql', port: POOLER_PORT, targetPort: 'sql' }] },
    },
    child,
  );
  const { template, subject } = stamped(
    { labels: labels(identity), spec: podSpec(name, identity, config.name, args) },
    { key: args.fingerprintKey, values: { userlist } },
  );
  const deadline = `${seconds(args.startDeadline)}s`;
  const deployment = new Deployment(
    `${name}-deployment`,
    {
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: selector(identity) },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template,
      },
    },
    {
      ...child,
      dependsOn: [secret, config.object, account, service],
      customTimeouts: { create: deadline, update: deadline },
    },
  );
  if (replicas > 1) {
    new PodDisruptionBudget(
      `${name}-budget`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: selector(identity) } } },
      child,
    );
  }
  const workload: Workload = { namespace, kind: 'Deployment', name };
  return { workload, subject: pulumi.all([subject, deployment.id]).apply(([known]) => known) };
}

const podSpec = (name: string, identity: Identity, config: string, args: Args) => ({
  serviceAccountName: name,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurity(args.image.uid),
  // Long enough for the pause below and for transactions under way.
  terminationGracePeriodSeconds: 30,
  ...apart(selector(identity), true),
  containers: [
    {
      name: 'pgbouncer',
      image: args.image.reference,
      imagePullPolicy: 'IfNotPresent',
      command: poolerCommand(`${POOLER_FOLDER}/pgbouncer.ini`, args.tls),
      ports: [{ name: 'sql', containerPort: POOLER_PORT }],
      resources: resources(args.cpu, args.memory),
      securityContext: CONTAINER_SECURITY,
      ...probes({ tcpSocket: { port: 'sql' } }),
      // Out of the Service first. Then SIGINT lets transactions end; the SIGTERM that follows would cut them off.
      lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 5; kill -INT 1; sleep 20'] } } },
      volumeMounts: [
        { name: 'config', mountPath: POOLER_FOLDER, readOnly: true },
        ...tlsMounts(args.tls),
        { name: 'tmp', mountPath: '/tmp' },
      ],
    },
  ],
  volumes: [
    {
      name: 'config',
      projected: {
        defaultMode: 0o440,
        sources: [
          { configMap: { name: config } },
          { secret: { name: `${name}-auth`, items: [{ key: 'userlist.txt', path: 'auth/userlist.txt' }] } },
        ],
      },
    },
    ...tlsVolumes(args.tls),
    { name: 'tmp', emptyDir: {} },
  ],
});
