/**
 * A program with one released workload in a namespace of its own: the app of `app.mjs`, behind its Service. What a version
 * is, and how it is released, is configuration.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../../../infra/sandbox/images/catalogue.ts';
import { imagesOf } from '../../../../stacks/images.ts';
import { wholeBetween, wholeEdges, WHOLE_IMPORTS, WHOLE_PLACES } from './whole.ts';

/** The stand-in for a stock Node. */
export const NODE = catalogue().images.find(({ layer }) => layer === 'node')!;

export const NAME = 'web';
export const PORT = 8000;
export const CLIENT = { app: 'client' } as const;

/** What one version runs, beside its name. */
export type Environment = Readonly<Record<string, string>>;

export interface Wanted {
  readonly strategy: 'rolling' | 'blueGreen' | 'canary';
  /** Who divides the traffic. With `nginx`, clients come in by an edge. @default 'service' */
  readonly driver?: 'service' | 'nginx';
  readonly version: string;
  readonly environment?: Environment;
  readonly image?: string;
  readonly attempt?: number;
  readonly replicas?: number;
  /** The version in the labels of all objects, but not of the pods. */
  readonly label?: string;
  readonly timing?: Readonly<Record<string, string>>;
  /**
   * With PostgreSQL, MinIO, a dump before each attempt, and a migration; the app then says at `/health/database` whether it
   * reaches the database. Stays as it was at the first `up`. @default false
   */
  readonly whole?: boolean;
  /** Of which release of the reference API the schema is, and faults of its migration. @default 1.0.0, none */
  readonly migration?: { readonly schema?: '1.0.0' | '1.1.0'; readonly faults?: Environment };
  /** How long each step is judged. @default '4s' */
  readonly window?: string;
  /** Rules of the analysis, laid over the program's own. */
  readonly analysis?: Readonly<Record<string, unknown>>;
  /** A metrics store in the client's pod. */
  readonly store?: { readonly url: string; readonly port: number };
  /** Autoscalers for both sides decide the number of pods, as the API's do. */
  readonly scaled?: { readonly min: number; readonly max: number };
  /** Whether a Prometheus stands beside it, by which releases are judged: errors on the path that only clients ask. */
  readonly metrics?: boolean;
}

/** The name of the Prometheus, and the path that clients alone ask. */
export const PROMETHEUS = 'prometheus';
export const USERS = '/users';

const users = (status: string): string =>
  `sum(increase(requests_total{job="${NAME}",instance=~"$candidate",path="${USERS}",status=~"${status}"}[10s]))`;

/** Errors among what users of the version on trial were answered, of at least so many. */
export const USERS_ERRORS = {
  ...{ name: 'users-errors', query: `${users('5..')} / ${users('.+')}`, most: 0.05 },
  ...{ requests: users('.+'), minimum: 20 },
};

/** The host that the edge serves. */
export const HOST = 'web.trial.test';

/**
 * Short windows: what is long in a release is the starting of pods, and of what crashes at its start the kubelet's pauses. The
 * limits are for a busy machine; who is right does not wait for them.
 */
const TIMING = { ready: '60s', candidate: '5s', soak: '6s', keepFor: '45s', deadline: '240s' };

export const settings = (place: { namespace: string; apiServer: string }, wanted: Wanted): Record<string, unknown> => ({
  'test:place': place,
  'test:wanted': { ...wanted, timing: { ...TIMING, ...wanted.timing } },
});

export const program = (): string => `
import * as pulumi from '@pulumi/pulumi';
import { Provider } from '@pulumi/kubernetes';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { apart, CONTAINER_SECURITY, contentName, labels, PlatformComponent, podSecurity, resources, selector } from './components/core/index.ts';
import { Guard } from './components/guard/index.ts';
import { Edge, EDGE_PORTS } from './components/edge/index.ts';
import { Prometheus, prometheusEdges, prometheusUrl, PROMETHEUS_PORT } from './components/prometheus/index.ts';
import { edgeSides, ReleasedWorkload, runnerEdges, sideName, SIDES } from './components/release/index.ts';
import { autoscaler } from './components/api/scaling.ts';
${WHOLE_IMPORTS}

const config = new pulumi.Config('test');
const { namespace, apiServer } = config.requireObject('place') as any;
const { strategy, driver = 'service', version, environment = {}, image, attempt, replicas = 2, label, timing, window = '4s', whole = false, migration = {}, analysis, store, scaled, metrics = false } = config.requireObject('wanted') as any;
const cluster = new Provider('cluster', { clusterIdentifier: 'trial', upsertExistingObjects: true });
const [provider, providers] = [{ provider: cluster }, { providers: [cluster] }];
const identity = { component: '${NAME}', instance: '${NAME}', partOf: 'trial' };

const divides = driver === 'nginx';
const runner = runnerEdges('${NAME}', { place: '${NAME}', port: ${PORT}, ...(divides && { edge: 'edge' }), ...(metrics && { prometheus: { place: '${PROMETHEUS}', port: PROMETHEUS_PORT, dns: 'dns' } }), apiServer: { place: 'api-server', port: 6443 } });
const scraped = [
  { name: '${NAME}', place: '${NAME}', pods: selector(identity), port: ${PORT}, sides: true },
  ...(divides ? [{ name: 'edge', place: 'edge', pods: selector({ component: 'edge', instance: 'edge' }), port: EDGE_PORTS.status }] : []),
];
const scraping = metrics ? prometheusEdges('${PROMETHEUS}', { scraped, dns: 'dns' }) : { places: {}, edges: [] };
const guard = new Guard('guard', {
  namespace, partOf: 'trial', podSecurityVersion: 'v1.34',
  places: {
    ...runner.places,
    ...scraping.places,
    '${NAME}': { pods: selector(identity) },
    clients: { namespace: namespace + '-clients', pods: ${JSON.stringify(CLIENT)} },
    'api-server': { cidrs: [apiServer] },
    ...(divides && { edge: { pods: selector({ component: 'edge', instance: 'edge' }) } }),
    ...(whole && ${WHOLE_PLACES}),
    ...((divides || whole || metrics) && { dns: { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } } }),
  },
  edges: [
    ...runner.edges,
    ...scraping.edges,
    { from: 'clients', to: '${NAME}', port: ${PORT} },
    ...(store === undefined ? [] : [{ from: '${NAME}-runner', to: 'clients', port: store.port }]),
    ...(divides ? [
      { from: 'clients', to: 'edge', port: EDGE_PORTS.http },
      { from: 'edge', to: '${NAME}', port: ${PORT} },
      { from: 'edge', to: 'dns', port: 53, protocols: ['TCP', 'UDP'] as const },
    ] : []),
    ...(whole ? ${wholeEdges(NAME)} : []),
  ],
}, providers);

const data = { 'app.mjs': ${JSON.stringify(readFileSync(join(import.meta.dirname, 'app.mjs'), 'utf8'))} };
const code = contentName('app', data);
const app = new ConfigMap(code, { metadata: { name: code, namespace }, immutable: true, data }, { ...provider, dependsOn: guard });
// The environment is an object of its own, so that going back has to bring it back too.
const env = { VERSION: version, ...(whole && { DATABASE: 'postgres:5432' }), ...environment };
const settings = contentName('settings', env);
const made = new ConfigMap(settings, { metadata: { name: settings, namespace }, immutable: true, data: env }, { ...provider, dependsOn: guard });

const between = whole ? ${wholeBetween()} : undefined;
const prometheus = !metrics ? [] : [new Prometheus('${PROMETHEUS}', {
  namespace, partOf: 'trial', image: ${JSON.stringify(imagesOf(false).prometheus)}, scraped, every: '1s', keepFor: '1h', space: '256Mi',
  cpu: { request: '20m', limit: '1' }, memory: { request: '64Mi', limit: '256Mi' }, rolloutDeadline: '60s',
}, { ...providers, dependsOn: guard })];

const web = new ReleasedWorkload('${NAME}', {
  cluster: {}, namespace, identity: { ...identity, ...(label !== undefined && { version: label }) }, ...(!scaled && { replicas }), way: { strategy, driver, window },
  ...(attempt !== undefined && { attempt }),
  pods: {
    labels: labels(identity),
    spec: {
      automountServiceAccountToken: false, enableServiceLinks: false, securityContext: podSecurity(${NODE.contract.runAs}),
      terminationGracePeriodSeconds: 10,
      containers: [{
        name: 'app', image: image ?? '${NODE.reference}', imagePullPolicy: 'IfNotPresent', args: ['node', '/app/app.mjs'],
        envFrom: [{ configMapRef: { name: settings } }],
        ports: [{ name: 'http', containerPort: ${PORT} }],
        readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 1 },
        lifecycle: { preStop: { sleep: { seconds: 3 } } },
        resources: resources({ request: '20m', limit: '1' }, { request: '48Mi', limit: '128Mi' }),
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [{ name: 'app', mountPath: '/app', readOnly: true }],
      }],
      volumes: [{ name: 'app', configMap: { name: code } }],
    },
  },
  port: { name: 'http', port: 80, targetPort: 'http' },
  asked: {
    port: ${PORT}, paths: ['/health'], interval: '100ms', timeout: '1s',
    ...(whole && { database: '/health/database' }),
    ...(store !== undefined && { prometheus: { url: store.url, timeout: 1000 } }),
    ...(metrics && { prometheus: { url: prometheusUrl('${PROMETHEUS}', namespace) } }),
  },
  ...(between && { between }),
  timing,
  // The machine has other work: a tenth of a second is its, not the version's.
  analysis: {
    hold: metrics ? 20_000 : 10_000, latency: { ratio: 1.5, tolerance: 100, minimum: 40, recent: 15_000 },
    ...(metrics && { metrics: { inRow: 2, each: [${JSON.stringify(USERS_ERRORS)}] } }),
    ...analysis,
  },
  runner: { image: { reference: '${NODE.reference}', uid: ${NODE.contract.runAs} } },
}, { ...providers, dependsOn: [guard, app, made, ...prometheus] });

// An owner of their own: what depends on its own parent waits for itself.
class Scaled extends PlatformComponent {}
const owner = scaled && new Scaled('platform:test:Scaled', '${NAME}', {}, providers);
for (const side of scaled ? SIDES : []) {
  const down = { calm: '5m', percent: 50, every: '60s' } as const;
  autoscaler({ owner, name: sideName('${NAME}', side), namespace, identity }, { ...scaled, cpu: 400, memory: 400, down }, web);
}

if (divides) {
  new Edge('edge', {
    namespace, partOf: 'trial', image: ${JSON.stringify(imagesOf(false).edge)}, replicas: 2,
    cpu: { request: '20m', limit: '1' }, memory: '64Mi', exposure: { kind: 'none' }, clientAddress: { from: 'connection' },
    sites: [{
      host: '${HOST}', upstream: { service: '${NAME}', port: 80, sides: edgeSides('${NAME}') },
      inspected: false, maxBody: '1Mi', streaming: false, answerWithin: '5s',
    }],
    rateLimit: { perSecond: 1000, burst: 1000 }, resolver: 'kube-dns.kube-system.svc.cluster.local', drain: '3s', rolloutDeadline: '60s',
  }, { ...providers, dependsOn: [web] });
}

export const side = web.side, subject = web.subject, last = web.last;
`;
