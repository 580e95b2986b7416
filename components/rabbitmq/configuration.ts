/** What RabbitMQ reads at its start. */
import { createHash, createHmac } from 'node:crypto';
import { bytes, seconds, type Bytes, type Duration } from '../core/index.ts';

export interface BrokerSettings {
  /** Below this much free space on a volume, publishers are held back on all nodes. */
  readonly diskFreeLimit: Bytes;
  /** How long a node may be silent before the others count it as lost. Shorter notices sooner, and mistakes more. */
  readonly silence: Duration;
}

/** The share of a pod's memory above which publishers are held back: RabbitMQ's own for containers. */
const MEMORY_SHARE = 0.6;

export interface ClusterSettings extends BrokerSettings {
  readonly memory: Bytes;
  /** The nodes' names, in order. */
  readonly nodes: readonly string[];
  /** Where the definitions are. */
  readonly definitions: string;
  readonly tls?: { readonly folder: string } | undefined;
}

/** `rabbitmq.conf`. It holds no password. */
export function rabbitmqConf(settings: ClusterSettings): string {
  const { nodes, tls } = settings;
  const lines: [string, string | number][] = [
    ...listeners(tls?.folder),
    // The nodes are stated: nobody has to ask the API server for them.
    ['cluster_formation.peer_discovery_backend', 'classic_config'],
    ...nodes.map((node, index): [string, string] => [`cluster_formation.classic_config.nodes.${index + 1}`, node]),
    // The side without a majority stops, and comes back by itself: it neither accepts nor loses what the other does not know.
    ...(nodes.length > 1 ? [['cluster_partition_handling', 'pause_minority'] as [string, string]] : []),
    ['net_ticktime', seconds(settings.silence)],
    // Read at each start, and by whichever node starts: users and virtual hosts are what is stated.
    ['load_definitions', settings.definitions],
    ['vm_memory_high_watermark.absolute', Math.floor(bytes(settings.memory) * MEMORY_SHARE)],
    ['disk_free_limit.absolute', bytes(settings.diskFreeLimit)],
    // Seconds: a client that went away without a word is noticed after two of these.
    ['heartbeat', 30],
    ['log.console', 'true'],
    ['log.console.level', 'info'],
    // A probe connects every few seconds, and says nothing.
    ['log.connection.level', 'warning'],
    ['prometheus.tcp.port', 15_692],
  ];
  return lines.map(([key, value]) => `${key} = ${value}\n`).join('');
}

const listeners = (folder: string | undefined): [string, string | number][] =>
  folder === undefined
    ? [['listeners.tcp.default', 5672]]
    : [
        ['listeners.tcp', 'none'],
        ['listeners.ssl.default', 5671],
        ['ssl_options.cacertfile', `${folder}/ca.crt`],
        ['ssl_options.certfile', `${folder}/tls.crt`],
        ['ssl_options.keyfile', `${folder}/tls.key`],
        ['ssl_options.verify', 'verify_none'],
        ['ssl_options.fail_if_no_peer_cert', 'false'],
        ['ssl_options.versions.1', 'tlsv1.3'],
        ['ssl_options.versions.2', 'tlsv1.2'],
      ];

/** Metrics, and nothing else: no management API stands open. */
export const ENABLED_PLUGINS = '[rabbitmq_prometheus].\n';

/**
 * The hash that RabbitMQ keeps of a password: four bytes of salt, and the salted SHA-256, in base64.
 *
 * @param key what the salt is made of: the same key and user, the same hash, and so the same plan
 */
export function passwordHash(user: string, password: string, key: string): string {
  const salt = createHmac('sha256', key).update(user).digest().subarray(0, 4);
  const hash = createHash('sha256').update(salt).update(password, 'utf8').digest();
  return Buffer.concat([salt, hash]).toString('base64');
}

/** Who may do what, and that queues are quorum queues where their declaration does not say otherwise. */
export function definitions(vhost: string, user: string, hash: string): string {
  return JSON.stringify({
    users: [
      { name: user, password_hash: hash, hashing_algorithm: 'rabbit_password_hashing_sha256', tags: [], limits: {} },
    ],
    vhosts: [{ name: vhost, metadata: { description: '', tags: [], default_queue_type: 'quorum' } }],
    permissions: [{ user, vhost, configure: '.*', write: '.*', read: '.*' }],
  });
}
