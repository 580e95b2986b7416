/** Who may talk to whom. Everything is closed but the edges named here; each becomes both halves of its policy. */
import { selector } from '../../components/core/index.ts';
import { Guard, type Edge, type Place } from '../../components/guard/index.ts';
import type { Settings } from '../config/schema.ts';
import type { Site } from './site.ts';

/** The pods of a component that is there once, under its own name. */
const pods = (name: string): Place => ({ pods: selector({ component: name, instance: name }) });

/** Everything an edge may name. */
const places = ({ network, minio }: Settings) => ({
  ...{ api: pods('api'), migrate: pods('migrate'), smoke: pods('smoke') },
  ...{ postgres: pods('postgres'), redis: pods('redis'), minio: pods('minio') },
  dns: { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } },
  clients: { cidrs: network.clients },
  copies: { cidrs: minio.copies?.cidrs ?? [] },
});

type Name = keyof ReturnType<typeof places>;

const resolving = (from: Name): Edge<Name> => ({ from, to: 'dns', port: 53, protocols: ['TCP', 'UDP'] });

const portOf = (origin: string): number => {
  const { port, protocol } = new URL(origin);
  return port === '' ? { 'http:': 80, 'https:': 443 }[protocol]! : Number(port);
};

/** Every connection of the platform, stated once. */
const edges = ({ api, minio, smoke }: Settings): Edge<Name>[] => [
  resolving('migrate'),
  { from: 'migrate', to: 'postgres', port: 5432 },
  resolving('api'),
  { from: 'api', to: 'postgres', port: 5432 },
  { from: 'api', to: 'redis', port: 6379 },
  { from: 'api', to: 'minio', port: 9000 },
  ...(minio.nodes > 1 ? [{ from: 'minio', to: 'minio', port: 9000 } as const] : []),
  ...(minio.nodes > 1 || minio.copies ? [resolving('minio')] : []),
  ...(minio.copies ? [{ from: 'minio', to: 'copies', port: portOf(minio.copies.endpoint) } as const] : []),
  ...(smoke ? [resolving('smoke'), { from: 'smoke', to: 'api', port: api.port } as const] : []),
  ...(api.exposure.kind === 'none' ? [] : [{ from: 'clients', to: 'api', port: api.port } as const]),
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
      places: places(settings),
      edges: edges(settings),
    },
    { provider, dependsOn: [...present] },
  );
