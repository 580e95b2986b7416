import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../../../components/guard/index.ts';
import { runnerEdges, runnerPods } from '../../../../components/release/index.ts';
import { named } from '../../support/mocks.ts';
import { picked, plan } from './support/released.ts';

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
