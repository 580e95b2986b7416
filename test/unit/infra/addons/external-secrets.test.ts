import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExternalSecrets, externalSecretsConnections } from '../../../../infra/addons/index.ts';
import { readCrds } from '../../../../infra/addons/crds.ts';
import { named, planned, podOf } from '../../support/mocks.ts';

interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
  readonly resourceNames?: string[];
}

const plan = () =>
  planned(
    () =>
      new ExternalSecrets(
        'eso',
        {
          ...{ namespace: 'eso', partOf: 'shop', serves: 'shop', keeps: ['keys'], tokensOf: ['reader'] },
          image: { reference: 'registry.example.com/eso:1', uid: 65534 },
          size: { cpu: { request: '20m', limit: '500m' }, memory: '128Mi' },
          startDeadline: '5m',
        },
        {},
      ),
  );

const rulesIn = async (namespace: string): Promise<Rule[]> =>
  (await plan())
    .filter(({ type }) => type === 'kubernetes:rbac.authorization.k8s.io/v1:Role')
    .filter(({ inputs }) => (inputs['metadata'] as { namespace: string }).namespace === namespace)
    .flatMap(({ inputs }) => inputs['rules'] as Rule[]);

test('it has no right in the whole cluster', async () => {
  const types = (await plan()).map(({ type }) => type).filter((type) => type.includes('rbac'));
  assert.deepEqual(
    new Set(types),
    new Set(['Role', 'RoleBinding'].map((k) => `kubernetes:rbac.authorization.k8s.io/v1:${k}`)),
  );
  assert.equal(types.length, 4);
});

test('it changes the Secrets it keeps and no other, deletes none, and signs in as the stated accounts only', async () => {
  const rules = await rulesIn('shop');
  const of = (resource: string) =>
    rules
      .filter(({ resources }) => resources.includes(resource))
      .map(({ verbs, resourceNames }) => [verbs.join(' '), resourceNames]);
  assert.deepEqual(of('secrets'), [
    ['get list watch create', undefined],
    ['update patch', ['keys']],
  ]);
  assert.deepEqual(of('serviceaccounts/token'), [['create', ['reader']]]);
  assert.equal(
    rules.some(({ verbs, resources }) => [...verbs, ...resources].includes('*') || verbs.includes('delete')),
    false,
  );
});

test('in its own namespace it only settles who leads', async () => {
  assert.deepEqual(
    (await rulesIn('eso')).flatMap(({ resources }) => resources),
    ['leases', 'events'],
  );
});

test('it looks at one namespace, and at nothing whose kind is not installed', async () => {
  const made = await plan();
  const { args } = podOf(named(made, 'eso-operator-deployment')).spec.containers[0];
  assert.ok(args.includes('--namespace=shop'));
  const off = args.flatMap((arg) => /^--enable-(.*)-reconciler=false$/.exec(arg)?.[1] ?? []);
  assert.deepEqual(off, ['cluster-store', 'cluster-external-secret', 'cluster-push-secret', 'push-secret']);
  assert.deepEqual(
    readCrds('external-secrets').crds.map(({ name }) => name),
    [
      'externalsecrets.external-secrets.io',
      'secretstores.external-secrets.io',
      // Watched whatever is switched off: without it the controller gives up after two minutes.
      'generatorstates.generators.external-secrets.io',
    ],
  );
  assert.equal(made.filter(({ type }) => type.endsWith(':CustomResourceDefinition')).length, 3);
});

test('it talks to the API server, DNS and the stores; nobody calls it', () => {
  const { places, edges } = externalSecretsConnections('eso', {
    apiServer: { cidrs: ['192.0.2.0/24'], port: 6443 },
    dns: { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } },
    stores: [{ name: 'vault', cidrs: ['198.51.100.0/24'], port: 8200 }],
  });
  assert.deepEqual(
    edges.map(({ from, to, port }) => `${from} → ${to}:${port}`),
    ['eso-operator → api-server:6443', 'eso-operator → dns:53', 'eso-operator → vault:8200'],
  );
  assert.deepEqual(places['vault'], { cidrs: ['198.51.100.0/24'] });
});
