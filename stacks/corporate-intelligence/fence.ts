/**
 * Who may talk to whom (D-NET-1, E-SEC-2, GAP-4). Everything is closed but the edges named here; each becomes both halves of
 * its policy. Ports are those that pods listen on.
 */
import { selector } from '../../components/core/index.ts';
import { EDGE_PORTS, SOLVER } from '../../components/edge/index.ts';
import { Guard, type Edge, type Place } from '../../components/guard/index.ts';
import { PROMETHEUS_PORT, prometheusPods } from '../../components/prometheus/index.ts';
import { runnerPods } from '../../components/release/index.ts';
import { POOLER_PORT, REST_PORT } from '../../components/postgres/index.ts';
import { PORTS as RABBITMQ } from '../../components/rabbitmq/index.ts';
import { proxyIdentity, PROXY_STATUS_PORT } from '../../components/redis/index.ts';
import { WORKER_PORT } from '../../components/worker/index.ts';
import type { Settings } from '../config/systems/corporate-intelligence.ts';
import type { Site } from './site.ts';

/** The pods of a component that is there once, under its own name. */
const pods = (name: string): Place => ({ pods: selector({ component: name, instance: name }) });

/** Everything an edge may name. */
export const places = ({ network, edge, minio }: Settings, partOf: string) => ({
  ...{ api: pods('api'), worker: pods('worker'), migrate: pods('migrate'), smoke: pods('smoke') },
  ...{ postgres: pods('postgres'), redis: pods('redis'), rabbitmq: pods('rabbitmq'), minio: pods('minio') },
  ...{
    'api-runner': { pods: runnerPods('api') },
    prometheus: { pods: prometheusPods('prometheus') },
    edge: pods('edge'),
    backup: pods('backup'),
    'acme-solver': { pods: SOLVER.pods },
  },
  'postgres-pooler': { pods: selector({ component: 'pgbouncer', instance: 'postgres-pooler' }) },
  'redis-proxy': { pods: selector(proxyIdentity('redis', partOf)) },
  dns: { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } },
  keda: { namespace: 'keda', pods: selector({ component: 'keda', instance: 'keda-operator' }) },
  monitoring: network.monitoring ?? { cidrs: [] },
  controller: edge.controller ?? { cidrs: [] },
  'api-server': { cidrs: network.apiServer.cidrs },
  clients: { cidrs: network.clients },
  copies: { cidrs: minio.copies?.cidrs ?? [] },
});

type Name = keyof ReturnType<typeof places>;
type Edges = readonly Edge<Name>[];

const to = (from: Name, place: Name, ...ports: number[]): Edges => ports.map((port) => ({ from, to: place, port }));
const resolving = (...from: Name[]): Edges =>
  from.map((name) => ({ from: name, to: 'dns', port: 53, protocols: ['TCP', 'UDP'] }));
const where = (there: boolean, edges: () => Edges): Edges => (there ? edges() : []);

/** Where the application's pods find the database, the cache and the queue. */
function stores(from: Name, { postgres, redis, rabbitmq, certificates }: Settings): Edges {
  const broker = certificates.inside ? RABBITMQ.amqps : RABBITMQ.amqp;
  return [
    ...resolving(from),
    ...where(postgres.pooler !== undefined, () => to(from, 'postgres-pooler', POOLER_PORT)),
    // Replicas are read without the pooler, which leads to the one that may write.
    ...where(postgres.pooler === undefined || postgres.readReplicas > 0, () => to(from, 'postgres', 5432)),
    ...to(from, redis.sentinel ? 'redis-proxy' : 'redis', 6379),
    ...where(rabbitmq !== undefined, () => to(from, 'rabbitmq', broker)),
    ...to(from, 'minio', 9000),
  ];
}

/** What the members of a store say to each other, and to whoever keeps their record. */
function members({ postgres, redis, rabbitmq, minio, network }: Settings): Edges {
  const { sentinel } = redis;
  return [
    ...where(postgres.readReplicas > 0, () => [
      ...to('postgres', 'postgres', 5432, REST_PORT),
      ...to('postgres', 'api-server', network.apiServer.port),
    ]),
    ...where(postgres.pooler !== undefined, () => [
      ...resolving('postgres-pooler'),
      ...to('postgres-pooler', 'postgres', 5432),
    ]),
    ...where(sentinel !== undefined, () => [
      ...resolving('redis', 'redis-proxy'),
      ...to('redis', 'redis', 6379, 26379),
      ...to('redis-proxy', 'redis', 6379),
    ]),
    ...where((rabbitmq?.nodes ?? 1) > 1, () => [
      ...resolving('rabbitmq'),
      ...to('rabbitmq', 'rabbitmq', RABBITMQ.epmd, RABBITMQ.distribution),
    ]),
    ...where(minio.nodes > 1, () => to('minio', 'minio', 9000)),
    ...where(minio.nodes > 1 || minio.copies !== undefined, () => resolving('minio')),
    ...where(minio.copies !== undefined, () => to('minio', 'copies', portOf(minio.copies!.endpoint))),
  ];
}

const portOf = (origin: string): number => {
  const { port, protocol } = new URL(origin);
  return port === '' ? { 'http:': 80, 'https:': 443 }[protocol]! : Number(port);
};

/** Clients come by the edge; where there is none, to the API itself. */
function entrance({ api, edge, certificates, smoke }: Settings): Edges {
  const own = edge.kind === 'nginx';
  const tls = certificates.edge !== 'none';
  const doors = tls ? [EDGE_PORTS.http, EDGE_PORTS.https] : [EDGE_PORTS.http];
  return [
    ...where(own, () => [
      ...to('clients', 'edge', ...doors),
      ...resolving('edge'),
      ...to('edge', 'api', api.port),
      ...where(edge.storageHost !== undefined, () => to('edge', 'minio', 9000)),
      ...where(certificates.acme !== undefined, () => to('edge', 'acme-solver', SOLVER.port)),
    ]),
    ...where(edge.controller !== undefined, () => [
      ...to('controller', 'api', api.port),
      ...where(edge.storageHost !== undefined, () => to('controller', 'minio', 9000)),
      ...where(certificates.acme !== undefined, () => to('controller', 'acme-solver', SOLVER.port)),
    ]),
    ...where(api.exposure.kind !== 'none', () => to('clients', 'api', api.port)),
    ...where(smoke !== undefined, () => [...resolving('smoke'), ...to('smoke', 'api', api.port)]),
  ];
}

/** Who releases it: asks the pods of both sides, and writes to the objects that a release owns. */
const releases = ({ api, edge, network }: Settings): Edges => [
  ...to('api-runner', 'api', api.port),
  ...to('api-runner', 'api-server', network.apiServer.port),
  // Where the edge is ours, it divides the traffic.
  ...where(edge.kind === 'nginx', () => to('api-runner', 'edge', EDGE_PORTS.split)),
];

/** Who reads what users are answered, and who judges a release by it. */
const judged = ({ release, api, edge }: Settings): Edges =>
  where(release.analysis.users !== undefined, () => [
    ...resolving('prometheus', 'api-runner'),
    ...to('prometheus', 'api', api.port),
    ...where(edge.kind === 'nginx', () => to('prometheus', 'edge', EDGE_PORTS.status)),
    ...to('api-runner', 'prometheus', PROMETHEUS_PORT),
  ]);

/** Who looks after it: measurements, backups, and what scales the workers. */
function care({ network, api, edge, redis, rabbitmq, workers, certificates }: Settings): Edges {
  const broker = certificates.inside ? RABBITMQ.amqps : RABBITMQ.amqp;
  return [
    ...where(network.monitoring !== undefined, () => [
      ...to('monitoring', 'api', api.port),
      ...to('monitoring', 'minio', 9000),
      ...where(edge.kind === 'nginx', () => to('monitoring', 'edge', EDGE_PORTS.status)),
      ...where(rabbitmq !== undefined, () => to('monitoring', 'rabbitmq', RABBITMQ.metrics)),
      ...where(redis.sentinel !== undefined, () => to('monitoring', 'redis-proxy', PROXY_STATUS_PORT)),
      ...where(workers !== undefined, () => to('monitoring', 'worker', WORKER_PORT)),
    ]),
    ...resolving('backup'),
    ...to('backup', 'postgres', 5432),
    ...to('backup', 'minio', 9000),
    ...where(workers?.scaling !== undefined, () => to('keda', 'rabbitmq', broker)),
  ];
}

/** Every connection of the platform, stated once. */
export const edges = (settings: Settings): Edges => [
  ...resolving('migrate'),
  ...to('migrate', 'postgres', 5432),
  ...stores('api', settings),
  ...where(settings.workers !== undefined, () => stores('worker', settings)),
  ...members(settings),
  ...entrance(settings),
  ...releases(settings),
  ...judged(settings),
  ...care(settings),
];

/** The namespace behind its fence. */
export const fenced = ({ settings, common, provider, present }: Site): Guard =>
  new Guard(
    'guard',
    {
      namespace: common.namespace,
      partOf: common.partOf,
      podSecurityVersion: settings.cluster.podSecurityVersion,
      protect: common.protect,
      places: places(settings, common.partOf),
      edges: edges(settings),
    },
    { provider, dependsOn: [...present] },
  );
