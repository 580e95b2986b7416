import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Api, shareOf, type ApiArgs } from '../../../../components/api/index.ts';
import { named, planned, podOf, secretsIn, type Made } from '../../support/mocks.ts';
import { SECRETS, SETTINGS } from './support/settings.ts';

const ARGS: ApiArgs = {
  namespace: 'shop',
  partOf: 'shop',
  version: '1.0.0',
  image: { reference: 'corporate-intel-api:1.0.0', uid: 10001 },
  replicas: 2,
  recommendations: false,
  cpu: { request: '50m', limit: '1' },
  memory: { request: '256Mi', limit: '512Mi' },
  exposure: { kind: 'none' },
  settings: SETTINGS,
  secrets: Object.fromEntries(
    Object.entries(SECRETS).map(([name, value]) => [name, pulumi.secret(value)]),
  ) as unknown as ApiArgs['secrets'],
  extraEnvironment: {},
  releases: { cluster: {}, runner: { image: { reference: 'docker.io/library/node:24', uid: 1000 } } },
  fingerprintKey: pulumi.secret('the key'),
};

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: string[];
  readonly envFrom: unknown;
  readonly resources: unknown;
  readonly securityContext: { readOnlyRootFilesystem: boolean };
}

/** More of the template than other tests look at. */
interface Wide {
  readonly initContainers: Container[];
  readonly containers: Container[];
  readonly affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: { weight: number; podAffinityTerm: { topologyKey: string } }[];
    };
  };
  readonly topologySpreadConstraints: { topologyKey: string; matchLabelKeys: string[] }[];
}

const plan = (change: Partial<ApiArgs> = {}) => planned(() => new Api('api', { ...ARGS, ...change }, {}));
const configOf = (made: readonly Made[]): Made => made.find(({ type }) => type === 'kubernetes:core/v1:ConfigMap')!;
const pod = (made: readonly Made[]) => podOf(named(made, 'api-blue'));
const wide = (made: readonly Made[]) => pod(made).spec as unknown as Wide;
const subject = (made: readonly Made[]) =>
  (named(made, 'api-release').inputs as any).template.metadata.annotations['platform/subject'];

test('the 35 variables and D’s three are in one ConfigMap and one Secret, and both containers read both', async () => {
  const made = await plan();
  const plain = configOf(made).inputs['data'] as Record<string, string>;
  const secret = secretsIn(named(made, 'api-secrets'));
  assert.deepEqual([Object.keys(plain).length, Object.keys(secret).length], [28, 10]);
  assert.equal(new Set([...Object.keys(plain), ...Object.keys(secret)]).size, 38);
  const { containers, initContainers } = wide(made);
  for (const { envFrom } of [...containers, ...initContainers]) {
    assert.deepEqual(envFrom, [
      { configMapRef: { name: configOf(made).name } },
      { secretRef: { name: 'api-secrets' } },
    ]);
  }
});

test('before it serves, a pod waits for database and cache with its own image, as small as it is itself', async () => {
  const { containers, initContainers } = wide(await plan());
  assert.deepEqual(
    initContainers.map(({ name, args }) => [name, args]),
    [['wait', ['wait', 'database', 'redis']]],
  );
  const [wait, api] = [initContainers[0]!, containers[0]!];
  assert.deepEqual([wait.image, wait.resources, wait.securityContext], [api.image, api.resources, api.securityContext]);
  assert.equal(wait.securityContext.readOnlyRootFilesystem, true);
});

test('requests and limits stand apart where a range is given', async () => {
  assert.deepEqual(wide(await plan()).containers[0]!.resources, {
    requests: { cpu: '50m', memory: '256Mi', 'ephemeral-storage': '64Mi' },
    limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '2Gi' },
  });
});

const SCALED = {
  ...{ min: 3, max: 10, cpu: 70, memory: 80, requestsPerSecond: 1000 },
  down: { calm: '5m', percent: 20, every: '60s' },
} as const;
const scaled = () => plan({ replicas: SCALED });
const specOf = (made: readonly Made[], name: string) => named(made, name).inputs['spec'] as Record<string, unknown>;

const ordered = (made: readonly Made[]) =>
  named(made, 'api-release').inputs as { replicas?: number; rules: { ready: number; probe: object } };

test('scaled, nobody orders a number, and each side has an autoscaler that asks D’s three metrics', async () => {
  const made = await scaled();
  assert.equal('replicas' in ordered(made), false);
  const spec = specOf(made, 'api-blue-autoscaler');
  assert.deepEqual(spec['scaleTargetRef'], { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api-blue' });
  const { scaleTargetRef: other, ...rest } = specOf(made, 'api-green-autoscaler');
  assert.deepEqual(other, { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api-green' });
  assert.deepEqual({ ...rest, scaleTargetRef: spec['scaleTargetRef'] }, spec);
  assert.deepEqual([spec['minReplicas'], spec['maxReplicas']], [3, 10]);
  const utilization = (name: string, averageUtilization: number) => ({
    type: 'Resource',
    resource: { name, target: { type: 'Utilization', averageUtilization } },
  });
  const requests = {
    type: 'Pods',
    pods: { metric: { name: 'http_requests_per_second' }, target: { type: 'AverageValue', averageValue: '1000' } },
  };
  assert.deepEqual(spec['metrics'], [utilization('cpu', 70), utilization('memory', 80), requests]);
  assert.deepEqual((spec['behavior'] as Record<string, unknown>)['scaleDown'], {
    stabilizationWindowSeconds: 300,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 20, periodSeconds: 60 }],
  });
});

test('without an adapter the request metric is not asked for: one that nobody serves would stop every scale-down', async () => {
  const { requestsPerSecond: _nobody, ...rest } = SCALED;
  const spec = specOf(await plan({ replicas: rest }), 'api-blue-autoscaler');
  assert.deepEqual(
    (spec['metrics'] as { type: string }[]).map(({ type }) => type),
    ['Resource', 'Resource'],
  );
});

test('a number of pods is owned, and nothing scales it', async () => {
  const made = await plan();
  assert.equal(ordered(made).replicas, 2);
  assert.deepEqual(
    made.filter(({ type }) => /HorizontalPodAutoscaler|PodDisruptionBudget|VerticalPodAutoscaler/.test(type)),
    [],
  );
});

test('a drain may take as many pods as the budget says, and always those that are not ready', async () => {
  const spec = specOf(await plan({ maxUnavailable: '25%' }), 'api-budget');
  assert.deepEqual(spec, {
    selector: { matchLabels: { 'app.kubernetes.io/name': 'api', 'app.kubernetes.io/instance': 'api' } },
    maxUnavailable: '25%',
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  });
  assert.deepEqual([shareOf('25%', 3), shareOf('25%', 5), shareOf('25%', 50), shareOf(2, 5)], [1, 2, 13, 2]);
});

test('recommendations are for both sides, and only recommended', async () => {
  const made = await plan({ recommendations: true });
  for (const name of ['api-blue', 'api-green']) {
    const { inputs } = named(made, `${name}-recommendation`);
    assert.equal(inputs['kind'], 'VerticalPodAutoscaler');
    const spec = inputs['spec'] as Record<string, unknown>;
    assert.deepEqual(spec['targetRef'], { apiVersion: 'apps/v1', kind: 'Deployment', name });
    assert.deepEqual(spec['updatePolicy'], { updateMode: 'Off' });
  }
});

test('pods are kept apart over hosts and zones, counted within one revision', async () => {
  const { affinity, topologySpreadConstraints } = wide(await plan());
  const keys = ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'];
  const terms = affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
  assert.deepEqual(
    terms.map(({ weight, podAffinityTerm }) => [weight, podAffinityTerm.topologyKey]),
    [
      [100, keys[0]],
      [50, keys[1]],
    ],
  );
  assert.deepEqual(
    topologySpreadConstraints.map(({ topologyKey, matchLabelKeys }) => [topologyKey, matchLabelKeys]),
    keys.map((key) => [key, ['pod-template-hash']]),
  );
});

test('its account can do nothing in Kubernetes, and at AWS what its role says', async () => {
  const made = await plan({ awsRoleArn: 'arn:aws:iam::123456789012:role/api' });
  const bound = made
    .filter(({ type }) => /RoleBinding$/.test(type))
    .flatMap(({ inputs }) => (inputs['subjects'] as { name: string }[]).map(({ name }) => name));
  assert.deepEqual(bound, ['api-runner']);
  const { inputs } = named(made, 'api-account');
  assert.equal(inputs['automountServiceAccountToken'], false);
  assert.equal(pod(made).spec.automountServiceAccountToken, false);
  assert.deepEqual((inputs['metadata'] as { annotations?: object }).annotations, {
    'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/api',
  });
});

test('with TLS a pod is given the authority and not the key beside it', async () => {
  const made = await plan({ tls: { secretName: 'internal-tls' } });
  assert.deepEqual(pod(made).spec.volumes.at(-1), {
    name: 'ca',
    secret: { secretName: 'internal-tls', defaultMode: 0o444, items: [{ key: 'ca.crt', path: 'ca.crt' }] },
  });
});

test('no secret value is outside the Secret', async () => {
  for (const { name, inputs } of (await plan()).filter((one) => one.name !== 'api-secrets')) {
    for (const value of Object.values(SECRETS)) assert.ok(!JSON.stringify(inputs).includes(String(value)), name);
  }
});

test('a changed setting is another ConfigMap, a changed secret the same Secret; both are another subject', async () => {
  const before = await plan();
  const setting = await plan({ settings: { ...SETTINGS, rateLimitPerMinute: 50 } });
  const secret = await plan({ secrets: { ...ARGS.secrets, newsApiKey: pulumi.secret('another') } });
  assert.notEqual(configOf(setting).name, configOf(before).name);
  assert.equal(configOf(secret).name, configOf(before).name);
  assert.equal(new Set([before, setting, secret].map(subject)).size, 3);
});

test('what is not the pods’ business leaves their subject alone', async () => {
  const [before, after] = [
    await plan(),
    await plan({ replicas: 3, releases: { ...ARGS.releases, timing: { ready: '60s' } } }),
  ];
  assert.equal(subject(after), subject(before));
});

test('a release changes labels and image, never the selector', async () => {
  const selectorOf = (made: readonly Made[]) =>
    (named(made, 'api-blue').inputs['spec'] as { selector: { matchLabels: Record<string, string> } }).selector;
  const [before, after] = [
    await plan(),
    await plan({ version: '1.1.0', image: { reference: 'api:1.1.0', uid: 10001 } }),
  ];
  assert.deepEqual(selectorOf(after), selectorOf(before));
  assert.equal(pod(after).metadata.labels['app.kubernetes.io/version'], '1.1.0');
  assert.notEqual(subject(after), subject(before));
});

test('a rollout takes no pod away before a new one is ready, and a release asks health and database', async () => {
  const made = await plan();
  const spec = specOf(made, 'api-blue');
  assert.deepEqual(spec['strategy'], { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
  assert.deepEqual(specOf(await scaled(), 'api-blue')['strategy'], {
    ...{ type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
  });
  assert.deepEqual(pod(made).spec.containers[0].lifecycle, { preStop: { sleep: { seconds: 3 } } });
  const { ready, probe } = ordered(await plan({ releases: { ...ARGS.releases, timing: { ready: '180s' } } })).rules;
  assert.equal(ready, 180_000);
  const { port, paths, database } = probe as Record<string, unknown>;
  assert.deepEqual([port, paths, database], [8000, ['/health'], '/api/v1/health/database']);
});

test('inside the cluster the API is always `api`; outside it is what was asked for', async () => {
  const outside = async (exposure: ApiArgs['exposure']) => {
    const services = (await plan({ exposure })).filter(({ type }) => type === 'kubernetes:core/v1:Service');
    assert.equal((named(services, 'api-service').inputs['metadata'] as { name: string }).name, 'api');
    const members = named(services, 'api-members').inputs as {
      metadata: { name: string };
      spec: { clusterIP: string };
    };
    assert.deepEqual([members.metadata.name, members.spec.clusterIP], ['api-members', 'None']);
    const other = services.filter(({ name }) => !['api-service', 'api-members'].includes(name));
    return other.map(({ inputs }) => {
      const { selector: _selector, ...spec } = inputs['spec'] as Record<string, unknown>;
      return spec;
    });
  };
  const port = { name: 'http', port: 8000, targetPort: 'http' };
  assert.deepEqual(await outside({ kind: 'none' }), []);
  assert.deepEqual(await outside({ kind: 'nodePort', port: 30080 }), [
    { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ ...port, nodePort: 30080 }] },
  ]);
  assert.deepEqual(await outside({ kind: 'loadBalancer', port: 80, clients: ['192.0.2.0/24', '10.0.0.0/8'] }), [
    {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: ['10.0.0.0/8', '192.0.2.0/24'],
      ports: [{ ...port, port: 80 }],
    },
  ]);
});

test('faults are added to the plain variables', async () => {
  const made = await plan({ extraEnvironment: { FAULT_NEVER_READY: 'true' } });
  assert.equal((configOf(made).inputs['data'] as Record<string, string>)['FAULT_NEVER_READY'], 'true');
});
