import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import {
  edgeSides,
  ReleasedWorkload,
  runnerEdges,
  runnerPods,
  type ReleasedArgs,
} from '../../../../components/release/index.ts';
import { lastOf } from '../../../../components/release/last.ts';
import type { Release } from '../../../../components/release/resources.ts';
import { LIVE } from './support/cluster.ts';
import { isIntact } from '../../../../components/release/digest.ts';
import type { ReleaseInputs } from '../../../../components/release/host.ts';
import { policies } from '../../../../components/guard/index.ts';
import { named, passwordOf, planned, secretsIn, type Made } from '../../support/mocks.ts';

const identity = { component: 'web', instance: 'web', partOf: 'shop' };
const picked = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/instance': 'web' };

const ARGS: ReleasedArgs = {
  ...{ cluster: { context: 'here' }, namespace: 'shop', identity, replicas: 2 },
  pods: { labels: picked, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  secrets: { key: pulumi.secret('key'), values: { PASSWORD: pulumi.secret('canary-1') } },
  port: { name: 'http', port: 80, targetPort: 'http' },
  way: { strategy: 'blueGreen', window: '40s' },
  asked: { port: 8000 },
  runner: { image: { reference: 'docker.io/library/node:24.21.0-bookworm-slim', uid: 1000 } },
};

const plan = (change: Partial<ReleasedArgs> = {}) =>
  planned(() => new ReleasedWorkload('web', { ...ARGS, ...change }, {}));

const inputsOf = (made: readonly Made[], name = 'web-release'): ReleaseInputs =>
  named(made, name).inputs as unknown as ReleaseInputs;
const digestIn = async (change: Partial<ReleasedArgs> = {}): Promise<string> =>
  inputsOf(await plan(change)).template.metadata.annotations['platform/release']!;

test('it makes the record, the runner and its rights, two sides, the Service, and the release around them', async () => {
  assert.deepEqual(
    (await plan()).map(({ name }) => name.replace(/-[0-9a-f]{12}$/, '-…')),
    [
      'web',
      ...['web-blue', 'web-green', 'web-prepare', 'web-record', 'web-release', 'web-runner', 'web-runner-account'],
      ...['web-runner-binding', 'web-runner-code-…', 'web-runner-role', 'web-service'],
    ],
  );
});

test('the runner may read and change these four objects, list pods and endpoints, and nothing else', async () => {
  assert.deepEqual(named(await plan(), 'web-runner-role').inputs['rules'], [
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['web-release'], verbs: ['get', 'patch'] },
    { apiGroups: [''], resources: ['services'], resourceNames: ['web'], verbs: ['get', 'patch'] },
    {
      apiGroups: ['apps'],
      resources: ['deployments'],
      resourceNames: ['web-blue', 'web-green'],
      verbs: ['get', 'patch'],
    },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] },
  ]);
});

test('the runner is one pod at a time, under Pod Security restricted, with limits and probes', async () => {
  const { replicas, strategy, template } = named(await plan(), 'web-runner').inputs['spec'] as any;
  assert.deepEqual([replicas, strategy], [1, { type: 'Recreate' }]);
  const { containers, securityContext } = template.spec;
  assert.deepEqual([securityContext.runAsNonRoot, securityContext.runAsUser], [true, 1000]);
  const [container] = containers;
  assert.equal(container.securityContext.readOnlyRootFilesystem, true);
  assert.deepEqual(container.securityContext.capabilities, { drop: ['ALL'] });
  assert.ok(container.resources.limits.memory && container.readinessProbe && container.livenessProbe);
});

test('the runner’s code is its folder as it is, under a name that its content gives', async () => {
  const { data, immutable } = (await plan()).find(({ name }) => name.startsWith('web-runner-code-'))!.inputs as any;
  assert.equal(immutable, true);
  assert.match(data['main.ts'], /^\/\*\*/);
  assert.deepEqual(JSON.parse(data['package.json']), { type: 'module' });
  // A package of npm, or a module outside the folder, would not be there: only types may come from elsewhere.
  for (const [file, text] of Object.entries(data as Record<string, string>)) {
    for (const [, from] of text.matchAll(/^import (?!type )[^;]*?from '([^']+)'/gm)) {
      assert.ok(
        from!.startsWith('node:') || (from!.startsWith('./') && from!.slice(2) in data),
        `${file} imports ${from!}`,
      );
    }
  }
});

test('both sides start with nothing; a selector holds nothing that a release changes but the side', async () => {
  const made = await plan();
  for (const side of ['blue', 'green']) {
    const { spec } = named(made, `web-${side}`).inputs as any;
    assert.deepEqual([spec.replicas, spec.selector.matchLabels], [0, { ...picked, 'platform/side': side }]);
    assert.equal(spec.template.metadata.labels['platform/side'], side);
    // Whatever is ignored must have keys that the provider finds again: those of our annotations it does not.
    assert.equal(spec.template.metadata.annotations, undefined);
    assert.deepEqual(spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
  }
  assert.deepEqual((named(made, 'web-service').inputs as any).spec.selector, { ...picked, 'platform/side': 'blue' });
});

test('Services that follow begin on blue, and are the runner’s to move from then on', async () => {
  const followers = { 'web-outside': { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] } };
  const made = await plan({ followers });
  assert.deepEqual((named(made, 'web-outside').inputs as any).spec, {
    ...followers['web-outside'],
    selector: { ...picked, 'platform/side': 'blue' },
  });
  const [, services] = named(made, 'web-runner-role').inputs['rules'] as any;
  assert.deepEqual(services.resourceNames, ['web', 'web-outside']);
  const [container] = (named(made, 'web-runner').inputs['spec'] as any).template.spec.containers;
  const told = container.env.find(({ name }: { name: string }) => name === 'TRAFFIC').value;
  assert.deepEqual(JSON.parse(told), { driver: 'service', followers: ['web-outside'] });
  assert.deepEqual(inputsOf(made).traffic, { driver: 'service', followers: ['web-outside'] });
});

test('the digest changes with everything that a pod runs, secrets too, and with nothing else', async () => {
  const before = await digestIn();
  const { labels, spec } = ARGS.pods;
  for (const change of [
    { pods: { labels, spec: { containers: [{ name: 'web', image: 'web:2' }] } } },
    { pods: { labels: { ...labels, more: 'x' }, spec } },
    { secrets: { key: pulumi.secret('key'), values: { PASSWORD: pulumi.secret('canary-2') } } },
  ]) {
    assert.notEqual(await digestIn(change), before);
  }
  const timing = { soak: '1m' } as const;
  for (const change of [{ way: { strategy: 'rolling' } as const }, { replicas: 5 }, { attempt: 2 }, { timing }]) {
    assert.equal(await digestIn(change), before);
  }
});

test('both resources hold the whole template with its digest, the steps in milliseconds, and no secret', async () => {
  const made = await plan();
  for (const name of ['web-prepare', 'web-release']) {
    const inputs = inputsOf(made, name);
    assert.ok(isIntact(inputs.template as never));
    assert.deepEqual(inputs.steps, [{ weight: 100, window: 40_000 }]);
    assert.equal(inputs.rules.deadline, 540_000);
    assert.equal(inputs.rules.analysis.database, null);
    assert.ok(!JSON.stringify(inputs).includes('canary'));
  }
});

test('who has to sign and where reports go is told to both, is no part of a version, and is left out where nobody is asked', async () => {
  const approvals = { folder: 'approvals', stack: 'test', roles: ['devops-lead'] };
  const reports = { folder: 'reports/releases', stack: 'test' };
  const made = await plan({ approvals, reports });
  for (const name of ['web-prepare', 'web-release']) {
    const inputs = inputsOf(made, name);
    assert.deepEqual([inputs.approvals, inputs.reports], [approvals, reports]);
    // Without a cluster the state decides, and a change of these alone is no release.
    const ignored = /new Set\((\[.*\])\)/.exec(named(made, name).inputs['__provider'] as string)![1]!;
    for (const input of ['approvals', 'attempt', 'reports', 'rules']) assert.ok(ignored.includes(`"${input}"`), input);
  }
  assert.equal(await digestIn({ approvals, reports }), await digestIn());
  assert.ok(!('approvals' in inputsOf(await plan()) || 'reports' in inputsOf(await plan())));
});

test('a place outside the program, and a role that nobody could sign for, are refused', async () => {
  const odd = { approvals: { folder: '../elsewhere', stack: 'A b', roles: ['lead', 'lead', 'The Boss'] } };
  await assert.rejects(
    plan({ ...odd, reports: { folder: '/tmp', stack: 'test' } }),
    /has 5 problems[\s\S]*approvals\.folder: found "\.\.\/elsewhere"[\s\S]*approvals\.roles\[1\][\s\S]*approvals\.roles\[2\]: found "The Boss"[\s\S]*approvals\.stack: found "A b"[\s\S]*reports\.folder: found "\/tmp"/,
  );
});

test('the last good release as an output: what was signed, where it lives, since when, and a word of each gate, no reading', async () => {
  const gate = { gate: 'health', verdict: 'pass', reading: 'a pod said: canary-1', limit: 'x', samples: 3 };
  const release = { side: 'green', since: LIVE.since, seconds: 9, epoch: 4, evidence: { soak: [gate] } };
  const last = (of: object) =>
    new Promise((resolve) => lastOf(pulumi.output('d1'), of as unknown as Release).apply(resolve));
  const { evidence: _, ...known } = release;
  assert.deepEqual(await last(release), { digest: 'd1', ...known, gates: { soak: { health: 'pass' } } });
  // While a plan is made nothing is known of the gates.
  assert.deepEqual(await last({ ...known, evidence: undefined }), { digest: 'd1', ...known, gates: {} });
});

test('what is left out is rolling', async () => {
  const { way: _, ...rest } = ARGS;
  const made = await planned(() => new ReleasedWorkload('web', rest, {}));
  const { strategy, steps } = inputsOf(made);
  assert.deepEqual([strategy, steps], ['rolling', []]);
});

test('what comes between is given what it has to wait for', async () => {
  const seen: string[] = [];
  await plan({
    between: (prepared) => {
      prepared.urn.apply(() => seen.push('prepared'));
      return [];
    },
  });
  assert.deepEqual(seen, ['prepared']);
});

const NGINX = { way: { strategy: 'canary', driver: 'nginx', window: '40s' } } as const;

test('with an edge that divides, each side has a Service that never changes, and the split begins on blue', async () => {
  const made = await plan(NGINX);
  assert.deepEqual(
    made.map(({ name }) => name).filter((name) => /split|-service$/.test(name)),
    ['web-blue-service', 'web-green-service', 'web-service', 'web-split', 'web-split-access', 'web-split-password'],
  );
  for (const side of ['blue', 'green']) {
    const { metadata, spec } = named(made, `web-${side}-service`).inputs as any;
    assert.equal(metadata.name, `web-${side}`);
    assert.deepEqual(spec, { selector: { ...picked, 'platform/side': side }, ports: [ARGS.port] });
  }
  assert.deepEqual(named(made, 'web-split').inputs['data'], {});
  assert.deepEqual(edgeSides('web'), { blue: 'web-blue', green: 'web-green', split: 'web-split' });
  const edge = { labels: { 'app.kubernetes.io/name': 'edge', 'app.kubernetes.io/instance': 'edge' }, port: 8083 };
  assert.deepEqual(inputsOf(made).traffic, { driver: 'nginx', edge });
  assert.deepEqual(
    inputsOf(made).steps.map(({ weight }) => weight),
    [10, 50, 100],
  );
});

test('the password of the split is in a Secret, for the edge as it wants it, and a file to the runner: nowhere else', async () => {
  const made = await plan(NGINX);
  const password = passwordOf('web-split-password');
  const held = secretsIn(named(made, 'web-split-access'));
  assert.deepEqual(held, { password, htpasswd: `runner:{PLAIN}${password}` });
  const others = made.filter(({ name }) => name !== 'web-split-access');
  assert.ok(!JSON.stringify(others.map(({ inputs }) => inputs)).includes(password));
  const { containers, volumes } = (named(made, 'web-runner').inputs['spec'] as any).template.spec;
  assert.deepEqual(volumes[1], {
    name: 'access',
    secret: { secretName: 'web-split', defaultMode: 0o440, items: [{ key: 'password', path: 'password' }] },
  });
  assert.ok(containers[0].volumeMounts.some(({ mountPath }: { mountPath: string }) => mountPath === '/access'));
});

test('the runner may also change the split, or the route, where it divides by one', async () => {
  const rights = async (change: Partial<ReleasedArgs>): Promise<string[]> =>
    (named(await plan(change), 'web-runner-role').inputs['rules'] as any[]).flatMap(
      ({ resources, resourceNames = [] }) => resourceNames.map((name: string) => `${resources[0]}/${name}`),
    );
  const own = ['services/web', 'deployments/web-blue', 'deployments/web-green'];
  assert.deepEqual(
    (await rights(NGINX)).toSorted(),
    ['configmaps/web-release', 'configmaps/web-split', ...own].toSorted(),
  );
  const gateway = { parents: [{ name: 'front', namespace: 'gateways' }], hosts: ['web.example.com'] };
  const way = { ...NGINX.way, driver: 'gateway' } as const;
  assert.deepEqual(
    (await rights({ way, gateway })).toSorted(),
    ['configmaps/web-release', 'httproutes/web-split', ...own].toSorted(),
  );
});

test('a route of its own holds the split and nothing else, and begins on blue', async () => {
  const gateway = { parents: [{ name: 'front', namespace: 'gateways' }], hosts: ['web.example.com'] };
  const made = await plan({ way: { ...NGINX.way, driver: 'gateway' }, gateway });
  assert.deepEqual((named(made, 'web-route').inputs as any).spec, {
    parentRefs: gateway.parents,
    hostnames: gateway.hosts,
    rules: [
      {
        backendRefs: [
          { name: 'web-blue', port: 80, weight: 100 },
          { name: 'web-green', port: 80, weight: 0 },
        ],
      },
    ],
  });
});

test('with an edge that divides, one edge more leads to the port that takes the split', () => {
  const to = { place: 'web', port: 8000, apiServer: { place: 'api-server', port: 6443 } };
  assert.deepEqual(
    runnerEdges('web', { ...to, edge: 'edge' }).edges.filter(({ to: place }) => place === 'edge'),
    [{ from: 'web-runner', to: 'edge', port: 8083 }],
  );
});

test('where a Prometheus is asked, edges lead to it and to the DNS that knows its name', () => {
  const to = { place: 'web', port: 8000, apiServer: { place: 'api-server', port: 6443 } };
  const more = runnerEdges('web', { ...to, prometheus: { place: 'prometheus', port: 9090, dns: 'dns' } }).edges;
  assert.deepEqual(
    more.slice(1, -1).map(({ from, to: place, port }) => `${from} ${place} ${port}`),
    ['web-runner prometheus 9090', 'web-runner dns 53'],
  );
});

test('metrics that nobody could be asked for are refused, and an address that is none', async () => {
  const rule = { name: 'users', query: 'a', requests: 'b', most: 0.05, minimum: 20 };
  const analysis = { metrics: { inRow: 2, each: [rule] } };
  await assert.rejects(plan({ analysis }), /asked\.prometheus: found none; wanted where Prometheus answers.*users/);
  const asked = (url: string) => ({ analysis, asked: { port: 8000, prometheus: { url } } });
  await assert.rejects(plan(asked('prometheus:9090')), /asked\.prometheus\.url: found "prometheus:9090"; wanted/);
  const { rules } = inputsOf(await plan(asked('http://prometheus:9090')));
  assert.deepEqual(rules.probe.prometheus, { url: 'http://prometheus:9090' });
});

test('its edges lead to the API server and to the pods it asks, and nowhere else', () => {
  const { places, edges } = runnerEdges('web', {
    place: 'web',
    port: 8000,
    apiServer: { place: 'api-server', port: 6443 },
  });
  const all = { ...places, web: { pods: picked }, 'api-server': { cidrs: ['10.0.0.1/32'] } };
  const own = policies(all, edges).filter(
    ({ pods }) => pods['app.kubernetes.io/name'] === runnerPods('web')['app.kubernetes.io/name'],
  );
  assert.deepEqual(
    own.map(({ name, direction }) => [name, direction]),
    [
      ['web-runner-to-api-server-6443-egress', 'Egress'],
      ['web-runner-to-web-8000-egress', 'Egress'],
    ],
  );
});

test('a follower with a name of the workload’s own, and a route that belongs nowhere, are refused', async () => {
  await assert.rejects(
    plan({ followers: { web: {} } }),
    /followers\["web"\]: found a name that the workload itself uses/,
  );
  const way = { ...NGINX.way, driver: 'gateway' } as const;
  await assert.rejects(plan({ way }), /gateway: found .*wanted the Gateways that the route belongs to/);
});

test('what no release could go by is refused, all of it at once', async () => {
  const odd = {
    pods: { labels: {}, spec: {} },
    asked: { port: 0, paths: [] },
    ...{ replicas: 0, attempt: 1.5, timing: { soak: 'long' as never } },
  };
  await assert.rejects(
    plan(odd),
    /has 7 problems[\s\S]*asked\.paths: found none[\s\S]*asked\.port: found 0[\s\S]*attempt: found 1\.5[\s\S]*pods\.labels\["app\.kubernetes\.io\/instance"\][\s\S]*replicas: found 0[\s\S]*timing\.soak: found "long"/,
  );
});

test('shares of the traffic are refused where only a Service divides it', async () => {
  await assert.rejects(
    plan({ way: { strategy: 'canary', window: '40s' } }),
    /way\.driver: found "service".*with the strategy "canary"/,
  );
});
