/** PostgreSQL with replicas: Patroni in every pod, the Kubernetes API as the place where they agree who leads. */
import * as pulumi from '@pulumi/pulumi';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import {
  CONTAINER_SECURITY,
  labels,
  mebibytes,
  probes,
  resources,
  selector,
  type PlatformComponent,
} from '../core/index.ts';
import { configuration, credentials, store, type Belonging } from '../store/index.ts';
import { ClusterConfiguration } from './cluster-configuration.ts';
import {
  agreed,
  authentication,
  bootstrapSql,
  CONFIGURATION,
  LEADER,
  leastRole,
  memberConfiguration,
  REPLICA,
  REST_PORT,
  ROLE_LABEL,
  SQL_PORT,
  VOLUME,
} from './patroni.ts';
import type { PostgresArgs, Served } from './postgres.ts';
import { serverRenewal } from './renewal.ts';
import { tlsMounts, tlsVolumes } from './tls.ts';

/** The files of {@link CONFIGURATION}, which Patroni reads in the order of their names, each laid over those before. */
const FILES = { member: '1-member.yml', agreed: '2-bootstrap.yml', passwords: '3-passwords.yml' } as const;

/** Makes the members and both of their Services as children of `owner`. JSON is YAML. */
export function replicated(owner: PlatformComponent, name: string, belonging: Belonging, args: PostgresArgs): Served {
  const { namespace, identity } = belonging;
  const { tls } = args;
  const members = 1 + (args.readReplicas ?? 0);
  const child = { parent: owner };
  const metadata = (object: string) => ({ name: object, namespace, labels: labels(identity) });

  const secret = (what: string) =>
    new RandomPassword(
      `${name}-${what}-password`,
      { length: 32, special: false },
      { ...child, protect: belonging.protect ?? false },
    ).result;
  const others = { replication: secret('replication'), rewind: secret('rewind'), rest: secret('rest') };
  const auth = credentials(owner, name, belonging, 32, (password) => ({
    password,
    'rest-password': others.rest,
    [FILES.passwords]: pulumi
      .all([password, others.replication, others.rewind, others.rest])
      .apply(([superuser, replication, rewind, rest]) =>
        JSON.stringify(authentication(args.user, { superuser, replication, rewind, rest }, tls), null, 2),
      ),
  }));
  const member = configuration(owner, `${name}-member`, belonging, {
    [FILES.member]: JSON.stringify(memberConfiguration({ name, namespace, identity, user: args.user, tls }), null, 2),
    'first-start.sql': bootstrapSql(args),
  });
  // Read when the first member makes the database, and never again: what changes later goes through Patroni's API. So it
  // keeps its name, and no pod rolls for it.
  const wanted = agreed(args);
  const bootstrap = new ConfigMap(
    `${name}-bootstrap`,
    {
      metadata: metadata(`${name}-bootstrap`),
      data: { [FILES.agreed]: JSON.stringify({ bootstrap: { dcs: wanted } }, null, 2) },
    },
    child,
  );
  const readOnly = new Service(
    `${name}-read`,
    {
      metadata: { ...metadata(`${name}-read`), annotations: { 'pulumi.com/skipAwait': 'true' } },
      spec: {
        selector: { ...selector(identity), [ROLE_LABEL]: REPLICA },
        ports: [{ name: 'sql', port: SQL_PORT, targetPort: 'sql' }],
      },
    },
    child,
  );

  const { workload, subject } = store(owner, name, {
    ...args,
    identity,
    replicas: members,
    // Any of them may lead: none waits for another.
    parallel: true,
    clientSelector: { [ROLE_LABEL]: LEADER },
    role: leastRole(name, members),
    uid: args.image.uid,
    ports: { sql: SQL_PORT },
    memberPorts: { rest: REST_PORT },
    container: container(args),
    ...(tls && { sidecars: [serverRenewal(args)] }),
    volumes: [
      {
        name: 'config',
        projected: {
          defaultMode: 0o440,
          sources: [
            { configMap: { name: member.name } },
            { configMap: { name: `${name}-bootstrap` } },
            { secret: { name: `${name}-auth`, items: [{ key: FILES.passwords, path: FILES.passwords }] } },
          ],
        },
      },
      ...tlsVolumes(tls),
      // Parallel queries share memory here; the 64 MiB that a container gets by itself are no limit of ours.
      {
        name: 'shm',
        emptyDir: { medium: 'Memory', sizeLimit: `${Math.max(64, Math.floor(mebibytes(args.memory) / 8))}Mi` },
      },
      { name: 'run', emptyDir: {} },
      { name: 'tmp', emptyDir: {} },
    ],
    // Enough for a checkpoint and for handing over; killed half-way, a successor is found without its help.
    grace: 60,
    secrets: { key: args.fingerprintKey, values: auth.values },
    reads: [auth.secret, member.object, bootstrap, readOnly],
  });

  const configured = new ClusterConfiguration(
    `${name}-agreed`,
    {
      cluster: args.cluster ?? {},
      target: { workload, port: REST_PORT },
      password: auth.ref('rest-password'),
      configuration: wanted,
      members,
      subject,
    },
    child,
  );
  // Whoever comes after the members comes after what they agree on, too.
  const settled = pulumi.all([subject, configured.id]).apply(([known]) => known);
  return { workload, subject: settled, auth };
}

const rest = (path: string) => ({ httpGet: { path, port: 'rest' } });

function container(args: PostgresArgs) {
  const own = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    name: 'postgres',
    image: args.image.reference,
    // A pod deleted by force is replaced before it is gone, and on the same node both have the volume: the second waits.
    command: ['flock', '--no-fork', '--timeout', '90', `${VOLUME}/.lock`],
    args: ['patroni', CONFIGURATION],
    env: [
      own('PATRONI_NAME', 'metadata.name'),
      own('POD_IP', 'status.podIP'),
      { name: 'PATRONI_POSTGRESQL_CONNECT_ADDRESS', value: `$(POD_IP):${SQL_PORT}` },
      { name: 'PATRONI_RESTAPI_CONNECT_ADDRESS', value: `$(POD_IP):${REST_PORT}` },
    ],
    resources: resources(args.cpu, args.memory),
    securityContext: CONTAINER_SECURITY,
    ...probes(rest('/readiness'), rest('/liveness')),
    // Sooner than elsewhere: a leader that was cut off keeps its label, and must be out of the Service before another has it.
    readinessProbe: { ...rest('/readiness'), timeoutSeconds: 2, periodSeconds: 2, failureThreshold: 2 },
    volumeMounts: [
      { name: 'data', mountPath: VOLUME },
      { name: 'config', mountPath: CONFIGURATION, readOnly: true },
      ...tlsMounts(args.tls),
      { name: 'shm', mountPath: '/dev/shm' },
      { name: 'run', mountPath: '/var/run/postgresql' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}
