/**
 * Who may talk to whom (GAP-4). Everything is closed but the edges named here; each becomes both halves of its policy. Ports are
 * those that pods listen on.
 */
import { selector } from '../../components/core/index.ts';
import { Guard, type Edge, type Place } from '../../components/guard/index.ts';
import { REST_PORT } from '../../components/postgres/index.ts';
import { runnerPods } from '../../components/release/index.ts';
import { DNS } from './addons.ts';
import { NAME, type ArchitectSite } from './site.ts';

type Settings = ArchitectSite['settings'];

const pods = (component: string, instance = component): Place => ({ pods: selector({ component, instance }) });

/** The port on which the nodes of a Redis Cluster talk to each other. */
const BUS = 16_379;

const places = ({ network, api }: Settings) => ({
  api: pods('api', NAME),
  migrate: pods('migrate', 'architect-migrate'),
  smoke: pods('smoke'),
  postgres: pods('postgres'),
  redis: pods('redis'),
  runner: { pods: runnerPods(NAME) },
  dns: DNS,
  monitoring: network.monitoring ?? { cidrs: [] },
  'api-server': { cidrs: network.apiServer.cidrs },
  clients: { cidrs: network.clients },
  services: { cidrs: api.outside.cidrs === undefined ? [] : [api.outside.cidrs] },
});

type Name = keyof ReturnType<typeof places>;
type Edges = readonly Edge<Name>[];

const to = (from: Name, place: Name, ...ports: readonly number[]): Edges =>
  ports.map((port) => ({ from, to: place, port }));
const resolving = (...from: Name[]): Edges =>
  from.map((name) => ({ from: name, to: 'dns', port: 53, protocols: ['TCP', 'UDP'] }));
const where = (there: boolean, edges: () => Edges): Edges => (there ? edges() : []);

/** Every connection of the system, stated once. */
export const edges = ({ api, network, postgres }: Settings): Edges => [
  ...resolving('api', 'migrate', 'smoke', 'redis'),
  ...to('clients', 'api', api.port),
  ...to('smoke', 'api', api.port),
  ...to('api', 'postgres', 5432),
  ...to('migrate', 'postgres', 5432),
  ...to('api', 'redis', 6379),
  ...to('redis', 'redis', 6379, BUS),
  ...where(postgres.readReplicas > 0, () => [
    ...to('postgres', 'postgres', 5432, REST_PORT),
    ...to('postgres', 'api-server', network.apiServer.port),
  ]),
  ...to('runner', 'api', api.port),
  ...to('runner', 'api-server', network.apiServer.port),
  ...where(network.monitoring !== undefined, () => to('monitoring', 'api', api.port)),
  ...where(api.outside.cidrs !== undefined, () => to('api', 'services', ...api.outside.ports)),
];

/** The namespace behind its fence. */
export const fenced = ({ settings, common, provider, present }: ArchitectSite): Guard =>
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
