import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Keda,
  kedaConnections,
  kedaOperator,
  PrometheusAdapter,
  VerticalPodAutoscaler,
  type Place,
} from '../../../../infra/addons/index.ts';
import { named, planned, type Made } from '../../support/mocks.ts';

const image = (name: string) => ({ reference: `registry.example.com/${name}:1`, uid: 65532 });
const COMMON = {
  partOf: 'shop',
  serves: 'shop',
  size: { cpu: { request: '20m', limit: '500m' }, memory: '128Mi' },
  startDeadline: '5m',
} as const;

interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
  readonly resourceNames?: string[];
}
const rulesIn = (made: readonly Made[], type: string) =>
  made
    .filter((one) => one.type === `kubernetes:rbac.authorization.k8s.io/v1:${type}`)
    .map(({ inputs }) => ({
      namespace: (inputs['metadata'] as { namespace?: string }).namespace,
      rules: inputs['rules'] as Rule[],
    }));
const specOf = (made: readonly Made[], name: string) => named(made, name).inputs['spec'] as Record<string, unknown>;

const keda = () =>
  planned(
    () =>
      new Keda('keda', { ...COMMON, namespace: 'keda', images: { operator: image('keda'), metrics: image('m') } }, {}),
  );

test('KEDA reads the Secrets of the namespace it serves and of its own, and of no other', async () => {
  const made = await keda();
  for (const { rules } of rulesIn(made, 'ClusterRole')) {
    assert.deepEqual(
      rules.filter(({ resources }) => resources.includes('secrets')),
      [],
    );
  }
  const places = rulesIn(made, 'Role')
    .filter(({ rules }) => rules.some(({ resources }) => resources.includes('secrets')))
    .map(({ namespace }) => namespace);
  assert.deepEqual(places.toSorted(), ['keda', 'shop']);
});

test('in the whole cluster KEDA may write its own registration of metrics, and nothing else', async () => {
  const written = rulesIn(await keda(), 'ClusterRole')
    .flatMap(({ rules }) => rules)
    .filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)));
  assert.deepEqual(
    written.map(({ resources, resourceNames }) => [resources, resourceNames]),
    [[['apiservices'], ['v1beta1.external.metrics.k8s.io']]],
  );
});

test('the registration of external metrics states no authority: the operator writes the one it makes', async () => {
  assert.deepEqual(specOf(await keda(), 'keda-external-metrics'), {
    ...{ group: 'external.metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100 },
    service: { name: 'keda-metrics-apiserver', namespace: 'keda', port: 443 },
  });
});

test('KEDA talks to the API server, to itself and to the queues, and only the API server calls it', () => {
  const rabbitmq: Place = { namespace: 'shop', pods: { app: 'rabbitmq' } };
  const dns: Place = { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } };
  const { places, edges } = kedaConnections('keda', {
    ...{ dns, apiServer: { cidrs: ['192.0.2.0/24'], port: 443 } },
    queues: [{ name: 'rabbitmq', place: rabbitmq, port: 5672 }],
  });
  assert.deepEqual(
    edges.filter(({ to }) => to !== 'dns').map(({ from, to, port }) => `${from} → ${to}:${port}`),
    [
      'keda-operator → api-server:443',
      'keda-metrics-apiserver → api-server:443',
      'api-server → keda-metrics-apiserver:6443',
      'keda-metrics-apiserver → keda-operator:9666',
      'keda-operator → rabbitmq:5672',
    ],
  );
  assert.deepEqual(places['rabbitmq'], rabbitmq);
  assert.deepEqual(kedaOperator('keda', 'keda'), { namespace: 'keda', ...places['keda-operator'] });
});

test('the recommender changes its own objects and no pod', async () => {
  const made = await planned(
    () => new VerticalPodAutoscaler('vpa', { ...COMMON, namespace: 'vpa', image: image('vpa') }, {}),
  );
  assert.deepEqual(rulesIn(made, 'ClusterRole'), []);
  const changed = rulesIn(made, 'Role')
    .flatMap(({ rules }) => rules)
    .filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)))
    .flatMap(({ resources }) => resources);
  assert.deepEqual(
    new Set(changed),
    new Set([
      'leases',
      'verticalpodautoscalers/status',
      'verticalpodautoscalercheckpoints',
      'verticalpodautoscalercheckpoints/status',
    ]),
  );
});

test('the adapter makes the autoscaler’s metric of the API’s counter, and serves nothing else', async () => {
  const metrics = [{ name: 'http_requests_per_second', counter: 'http_requests_total', window: '1m' }] as const;
  const made = await planned(
    () =>
      new PrometheusAdapter(
        'prometheus-adapter',
        { ...COMMON, namespace: 'pa', image: image('pa'), prometheus: 'http://prometheus:9090', metrics },
        {},
      ),
  );
  const data = made.find(({ type }) => type === 'kubernetes:core/v1:ConfigMap')!.inputs['data'] as {
    'config.yaml': string;
  };
  const { rules } = JSON.parse(data['config.yaml']) as { rules: Record<string, unknown>[] };
  assert.equal(rules.length, 1);
  assert.deepEqual(rules[0]!['name'], { matches: '^http_requests_total$', as: 'http_requests_per_second' });
  assert.equal(rules[0]!['metricsQuery'], 'sum(rate(<<.Series>>{<<.LabelMatchers>>}[1m])) by (<<.GroupBy>>)');
});
