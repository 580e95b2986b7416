import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../../../components/guard/index.ts';
import {
  Prometheus,
  prometheusEdges,
  prometheusUrl,
  type PrometheusArgs,
  type Scraped,
} from '../../../../components/prometheus/index.ts';
import { named, planned, podOf, type Made } from '../../support/mocks.ts';

const API: Scraped = { name: 'api', pods: { app: 'api' }, port: 8000, sides: true };
const EDGE: Scraped = { name: 'edge', pods: { app: 'edge' }, port: 8082, path: '/figures' };
const ARGS: PrometheusArgs = {
  ...{ namespace: 'shop', partOf: 'shop', scraped: [API, EDGE], every: '5s', keepFor: '6h', space: '1Gi' },
  image: { reference: 'docker.io/prom/prometheus:v2.42.0', uid: 65534 },
  cpu: { request: '20m', limit: '500m' },
  memory: { request: '96Mi', limit: '256Mi' },
  rolloutDeadline: '90s',
};

const plan = (change: Partial<PrometheusArgs> = {}) =>
  planned(() => new Prometheus('prometheus', { ...ARGS, ...change }, {}));
const specOf = (made: readonly Made[], name: string) => named(made, name).inputs['spec'] as Record<string, unknown>;

interface Job {
  readonly job_name: string;
  readonly metrics_path: string;
  readonly dns_sd_configs: readonly { names: string[]; port: number; type: string }[];
  readonly relabel_configs: readonly { regex: string; target_label: string }[];
}
const jobsOf = (made: readonly Made[]): readonly Job[] => {
  const { data } = made.find(({ type }) => type === 'kubernetes:core/v1:ConfigMap')!.inputs as {
    data: Record<string, string>;
  };
  return (JSON.parse(data['prometheus.yml']!) as { scrape_configs: Job[] }).scrape_configs;
};

test('it has no rights in the cluster: an account without a token, and no role', async () => {
  const made = await plan();
  assert.deepEqual(
    made.map(({ name }) => name.replace(/-[0-9a-f]{12}$/, '-…')),
    [
      ...['prometheus', 'prometheus-account', 'prometheus-api-blue-service', 'prometheus-api-green-service'],
      ...['prometheus-config-…', 'prometheus-deployment', 'prometheus-edge-service', 'prometheus-service'],
    ],
  );
  const { spec } = podOf(named(made, 'prometheus-deployment'));
  assert.equal(spec.automountServiceAccountToken, false);
  assert.equal(named(made, 'prometheus-account').inputs['automountServiceAccountToken'], false);
});

test('pods are found under headless Services, ready or not, and of a released workload by their side', async () => {
  const made = await plan();
  assert.deepEqual(specOf(made, 'prometheus-api-green-service'), {
    ...{ clusterIP: 'None', publishNotReadyAddresses: true },
    selector: { app: 'api', 'platform/side': 'green' },
    ports: [{ name: 'metrics', port: 8000 }],
  });
  const [api, edge] = jobsOf(made);
  assert.deepEqual(api!.dns_sd_configs[0]!.names, [
    'prometheus-api-blue.shop.svc.cluster.local.',
    'prometheus-api-green.shop.svc.cluster.local.',
  ]);
  const [side] = api!.relabel_configs;
  assert.equal(side!.target_label, 'side');
  const fits = new RegExp(`^(?:${side!.regex})$`);
  assert.deepEqual(
    api!.dns_sd_configs[0]!.names.map((name) => fits.exec(name)?.[1]),
    ['blue', 'green'],
  );
  assert.deepEqual([edge!.metrics_path, edge!.relabel_configs, edge!.dns_sd_configs[0]!.port], ['/figures', [], 8082]);
});

test('it forgets before its disk is full, and keeps nothing when it goes', async () => {
  const { spec } = podOf(named(await plan(), 'prometheus-deployment'));
  const [{ args }] = spec.containers;
  assert.ok(args.includes('--storage.tsdb.retention.time=21600s'), args.join(' '));
  assert.ok(args.includes(`--storage.tsdb.retention.size=${Math.floor(2 ** 30 * 0.8)}B`), args.join(' '));
  assert.partialDeepStrictEqual(spec.volumes, [{ name: 'data', emptyDir: { sizeLimit: '1Gi' } }]);
  assert.equal(spec.securityContext.runAsUser, 65534);
});

test('another list of pods is another pod: what it reads is named by content', async () => {
  const digest = async (change: Partial<PrometheusArgs>) =>
    podOf(named(await plan(change), 'prometheus-deployment')).spec.volumes[0]!.configMap!.name;
  assert.notEqual(await digest({}), await digest({ scraped: [API] }));
  assert.equal(await digest({}), await digest({ scraped: [{ ...API }, { ...EDGE }] }));
});

test('its edges lead to DNS and to the pods it asks, and nowhere else', () => {
  const { places, edges } = prometheusEdges('prometheus', { scraped: [{ place: 'api', port: 8000 }], dns: 'dns' });
  const all = { ...places, api: { pods: { app: 'api' } }, dns: { namespace: 'kube-system', pods: { app: 'dns' } } };
  assert.deepEqual(
    policies(all, edges).map(({ name }) => name),
    ['prometheus-to-api-8000-egress', 'prometheus-to-api-8000-ingress', 'prometheus-to-dns-53-egress'],
  );
  assert.equal(prometheusUrl('prometheus', 'shop'), 'http://prometheus.shop.svc:9090');
});

for (const [what, change, words] of [
  ['no pods at all', { scraped: [] }, /scraped: found none; wanted at least one/],
  ['two kinds of one name', { scraped: [API, API] }, /scraped\[1\]\.name: found "api"; wanted .*no other kind/],
  ['every pod there is', { scraped: [{ ...API, pods: {} }] }, /scraped\[0\]\.pods: found \{\}/],
  ['a port that is none', { scraped: [{ ...API, port: 0 }] }, /scraped\[0\]\.port: found 0/],
  ['a path that is none', { scraped: [{ ...API, path: 'metrics' }] }, /scraped\[0\]\.path: found "metrics"/],
  ['less than a second between questions', { every: '500ms' }, /every: found "500ms"/],
  ['a size that is none', { space: '1G' as '1Gi' }, /space: found "1G"/],
] as const) {
  test(`${what} is refused, and nothing is registered`, async () => {
    await assert.rejects(plan(change), words);
  });
}
