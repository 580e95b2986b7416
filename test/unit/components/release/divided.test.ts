import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeSides, runnerEdges, type ReleasedArgs } from '../../../../components/release/index.ts';
import { named, passwordOf, secretsIn } from '../../support/mocks.ts';
import { ARGS, inputsOf, NGINX, picked, plan } from './support/released.ts';

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

test('shares of the traffic are refused where only a Service divides it', async () => {
  await assert.rejects(
    plan({ way: { strategy: 'canary', window: '40s' } }),
    /way\.driver: found "service".*with the strategy "canary"/,
  );
});
