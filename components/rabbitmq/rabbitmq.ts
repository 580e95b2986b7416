/** RabbitMQ: one node, or a cluster that finds itself by names. Knows nothing of who publishes and who consumes. */
import type * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import {
  CONTAINER_SECURITY,
  PlatformComponent,
  Problems,
  resources,
  type SecretRef,
  type Workload,
} from '../core/index.ts';
import { configuration, credentials, membersName, store, type ServerArgs } from '../store/index.ts';
import { definitions, ENABLED_PLUGINS, passwordHash, rabbitmqConf, type BrokerSettings } from './configuration.ts';

/** AMQP, with and without TLS; metrics; what the nodes use among themselves. */
export const PORTS = { amqp: 5672, amqps: 5671, metrics: 15_692, epmd: 4369, distribution: 25_672 } as const;
const AUTH = '/run/secrets/rabbitmq';
const TLS = '/run/secrets/tls';
const HOME = '/var/lib/rabbitmq';

export interface RabbitMqArgs extends ServerArgs, BrokerSettings {
  /**
   * Nodes: one, or an odd number from 3 on, so that a majority goes on. Fixed once there are data: a node that came later
   * would hold no replica of the queues there are.
   */
  readonly replicas: number;
  /** The virtual host of the application. */
  readonly vhost: string;
  /** The only user there is. Changing it makes another one; the old one stays until it is removed by hand. */
  readonly user: string;
  /**
   * The DNS domain of the cluster, which the nodes' names end in. Fixed once there are data.
   * @default 'cluster.local'
   */
  readonly clusterDomain?: string;
  /**
   * A Secret of type kubernetes.io/tls with ca.crt. Clients then speak TLS, on 5671 alone; a renewed certificate counts
   * for new connections without a restart.
   */
  readonly tls?: { readonly secretName: string } | undefined;
}

/**
 * RabbitMQ whose queues are quorum queues by default (D-HELM-5, D-OK-2, CONF-8): what was confirmed lies on a majority
 * of the nodes' disks.
 *
 * Cost: a pod and a volume a node; each message is written on each node of its queue.
 *
 * Failure of one node of three: its queues' leaders move, within some 15 s where the node is cut off and at once where
 * its connections break; confirmed messages are kept, those without a confirm have to be published again, and a message
 * whose consumer was lost comes a second time. Of two: publishing stops until one is back. A node that is cut off stops
 * by itself after `silence` and a quarter, and joins again by itself.
 */
export class RabbitMq extends PlatformComponent {
  readonly workload: Workload;
  readonly port: number;
  readonly metricsPort = PORTS.metrics;
  /** The digest of template and configuration, as it stands on the pods. */
  readonly subject: pulumi.Output<string>;
  readonly user: string;
  readonly vhost: string;
  readonly passwordRef: SecretRef;
  /** The password, for those who must build an address of it. A secret. */
  readonly password: pulumi.Output<string>;

  constructor(name: string, args: RabbitMqArgs, options: pulumi.ComponentResourceOptions) {
    checkNodes(name, args.replicas);
    super('platform:data:RabbitMq', name, { replicas: args.replicas, storage: args.storage }, options);
    const { vhost, user, replicas } = args;
    const identity = { component: 'rabbitmq', instance: name, partOf: args.partOf };
    const belonging = { ...args, identity };
    const kept = { parent: this, protect: args.protect ?? false };
    const cookie = new RandomPassword(`${name}-cookie`, { length: 40, special: false }, kept).result;

    const auth = credentials(this, name, belonging, 32, (password) => ({
      password,
      cookie,
      'definitions.json': password.apply((word) => definitions(vhost, user, passwordHash(user, word, word))),
    }));
    const config = configuration(this, `${name}-config`, belonging, {
      'rabbitmq.conf': rabbitmqConf({
        ...args,
        nodes: Array.from({ length: replicas }, (_, node) => `rabbit@${hostOf(`${name}-${node}`, name, args)}`),
        definitions: `${AUTH}/definitions.json`,
        tls: args.tls && { folder: TLS },
      }),
      enabled_plugins: ENABLED_PLUGINS,
      'node.sh': readFileSync(new URL('scripts/node.sh', import.meta.url), 'utf8'),
    });
    const amqp = args.tls ? { amqps: PORTS.amqps } : { amqp: PORTS.amqp };
    const { workload, subject } = store(this, name, {
      ...args,
      identity,
      uid: args.image.uid,
      ports: { ...amqp, metrics: PORTS.metrics },
      memberPorts: { epmd: PORTS.epmd, distribution: PORTS.distribution },
      container: container(name, args),
      volumes: volumes(name, config.name, args),
      // The nodes look for each other before any of them is ready.
      parallel: replicas > 1,
      // The nodes' names stand in their data.
      fixed: { replicas, clusterDomain: args.clusterDomain ?? 'cluster.local' },
      // Handing the queues over may take a minute, and what follows is a stop in order.
      grace: replicas > 1 ? 120 : 30,
      secrets: { key: args.fingerprintKey, values: auth.values },
      reads: [auth.secret, config.object],
    });

    this.workload = workload;
    this.port = Object.values(amqp)[0]!;
    this.subject = subject;
    this.user = user;
    this.vhost = vhost;
    this.passwordRef = auth.ref('password');
    this.password = auth.password;
    this.registerOutputs({ subject });
  }
}

/** Where a node is, by a name that outlives its pod. */
const hostOf = (pod: string, name: string, { namespace, clusterDomain = 'cluster.local' }: RabbitMqArgs): string =>
  `${pod}.${membersName(name)}.${namespace}.svc.${clusterDomain}`;

const container = (name: string, args: RabbitMqArgs) => ({
  name: 'rabbitmq',
  image: args.image.reference,
  command: ['sh', '/etc/rabbitmq/node.sh', 'start'],
  env: [
    { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'SELF', value: hostOf('$(POD)', name, args) },
    { name: 'COUNT', value: String(args.replicas) },
    { name: 'HOME', value: HOME },
    { name: 'RABBITMQ_NODENAME', value: 'rabbit@$(SELF)' },
    { name: 'RABBITMQ_USE_LONGNAME', value: 'true' },
    { name: 'RABBITMQ_CONFIG_FILE', value: '/etc/rabbitmq/rabbitmq.conf' },
    { name: 'RABBITMQ_ENABLED_PLUGINS_FILE', value: '/etc/rabbitmq/enabled_plugins' },
    { name: 'RABBITMQ_MNESIA_BASE', value: `${HOME}/mnesia` },
    { name: 'RABBITMQ_LOGS', value: '-' },
    // What has to be a file all the same.
    { name: 'RABBITMQ_LOG_BASE', value: '/tmp' },
  ],
  resources: resources(args.cpu, args.memory),
  securityContext: CONTAINER_SECURITY,
  ...watchful(args.tls ? 'amqps' : 'amqp'),
  lifecycle: { preStop: { exec: { command: ['sh', '/etc/rabbitmq/node.sh', 'leave'] } } },
  volumeMounts: [
    { name: 'data', mountPath: HOME },
    { name: 'config', mountPath: '/etc/rabbitmq', readOnly: true },
    { name: 'auth', mountPath: AUTH, readOnly: true },
    ...(args.tls ? [{ name: 'tls', mountPath: TLS, readOnly: true }] : []),
    { name: 'tmp', mountPath: '/tmp' },
  ],
});

/**
 * RabbitMQ's own tools start an Erlang each time they are asked, a second of processor time: connecting says nearly as
 * much for nothing. A node that waits for the others, or that has stopped for want of a majority, listens for them and
 * not for clients, and so it is out of the Service. It has the five minutes for which it waits for the others' tables itself,
 * and three where it served before. Then it does not come back by itself: 3.10 can hang in its boot while nodes tell each
 * other their names, and can fail to start again after a partition, both for good (GAP-2, ours).
 */
const watchful = (clients: string) => ({
  startupProbe: { tcpSocket: { port: clients }, periodSeconds: 3, timeoutSeconds: 3, failureThreshold: 100 },
  readinessProbe: { tcpSocket: { port: clients }, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 },
  livenessProbe: { tcpSocket: { port: clients }, periodSeconds: 15, timeoutSeconds: 5, failureThreshold: 12 },
});

const volumes = (name: string, config: string, { tls }: RabbitMqArgs) => [
  { name: 'config', configMap: { name: config } },
  {
    name: 'auth',
    secret: {
      secretName: `${name}-auth`,
      defaultMode: 0o440,
      items: ['cookie', 'definitions.json'].map((key) => ({ key, path: key })),
    },
  },
  ...(tls ? [{ name: 'tls', secret: { secretName: tls.secretName, defaultMode: 0o440 } }] : []),
  { name: 'tmp', emptyDir: {} },
];

function checkNodes(name: string, replicas: number): void {
  const problems = new Problems();
  problems.require(Number.isInteger(replicas) && replicas >= 1 && replicas % 2 === 1, {
    where: 'replicas',
    found: `${replicas}`,
    wanted: '1, or an odd number from 3 on: of an even number, half is no majority',
  });
  problems.throwIfAny(`RabbitMq "${name}"`);
}
