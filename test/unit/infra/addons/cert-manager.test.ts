import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertManager, certManagerConnections, type CertManagerArgs } from '../../../../infra/addons/index.ts';
import { named, planned, podOf, type Made } from '../../support/mocks.ts';

const image = (name: string) => ({ reference: `quay.io/jetstack/cert-manager-${name}:v1.21.2`, uid: 1000 });
const ARGS: CertManagerArgs = {
  namespace: 'cert-manager',
  partOf: 'shop',
  serves: 'shop',
  images: {
    controller: image('controller'),
    webhook: image('webhook'),
    cainjector: image('cainjector'),
    solver: image('acmesolver'),
  },
  size: { cpu: { request: '20m', limit: '500m' }, memory: '192Mi' },
  startDeadline: '5m',
};
const plan = (over: Partial<CertManagerArgs> = {}) =>
  planned(() => new CertManager('cert-manager', { ...ARGS, ...over }, {}));

interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
  readonly resourceNames?: string[];
}
const rulesOf = ({ inputs }: Made): Rule[] => inputs['rules'] as Rule[];
const metadataOf = ({ inputs }: Made) =>
  inputs['metadata'] as { name: string; namespace?: string; annotations?: Record<string, string> };
const ofType = (made: readonly Made[], type: string) => made.filter((one) => one.type.endsWith(`:${type}`));

test('its kinds, its three programs and both of its checks are made', async () => {
  const made = await plan();
  assert.equal(ofType(made, 'CustomResourceDefinition').length, 6);
  assert.deepEqual(
    ofType(made, 'Deployment').map((one) => metadataOf(one).name),
    ['cert-manager-cainjector', 'cert-manager-controller', 'cert-manager-webhook'],
  );
  for (const one of [named(made, 'cert-manager-mutating'), named(made, 'cert-manager-validating')]) {
    const [webhook] = one.inputs['webhooks'] as [{ namespaceSelector: object; clientConfig: object }];
    assert.deepEqual(webhook.namespaceSelector, { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } });
    // Whoever wrote the authority here would take it from the injector with every update.
    assert.equal('caBundle' in webhook.clientConfig, false);
    assert.equal(
      metadataOf(one).annotations!['cert-manager.io/inject-ca-from-secret'],
      'cert-manager/cert-manager-webhook-ca',
    );
  }
});

test('kinds that an earlier installation left are taken over', async () => {
  for (const crd of ofType(await plan(), 'CustomResourceDefinition')) {
    assert.equal(metadataOf(crd).annotations?.['pulumi.com/patchForce'], 'true', crd.name);
  }
});

test('no program may read a Secret outside its own namespace and the one that is served', async () => {
  const made = await plan();
  for (const role of ofType(made, 'ClusterRole')) {
    for (const { resources } of rulesOf(role)) {
      assert.ok(!resources.includes('secrets') && !resources.includes('*'), `${role.name}: ${resources.join()}`);
    }
  }
  const places = ofType(made, 'Role')
    .filter((role) => rulesOf(role).some(({ resources }) => resources.includes('secrets')))
    .map((role) => `${metadataOf(role).name} in ${metadataOf(role).namespace!}`);
  assert.deepEqual(places.toSorted(), [
    'cert-manager-cainjector in cert-manager',
    'cert-manager-controller in shop',
    'cert-manager-webhook in cert-manager',
  ]);
});

test('no right is a wildcard, and what changes the API server’s checks names them', async () => {
  const made = await plan();
  for (const role of [...ofType(made, 'ClusterRole'), ...ofType(made, 'Role')]) {
    for (const { apiGroups, resources, verbs, resourceNames } of rulesOf(role)) {
      assert.ok(![...apiGroups, ...resources, ...verbs].includes('*'), role.name);
      const changes = verbs.some((verb) => ['update', 'patch'].includes(verb));
      if (apiGroups.includes('admissionregistration.k8s.io') && changes) {
        assert.deepEqual(resourceNames, ['cert-manager-webhook']);
      }
    }
  }
});

test('the token of an account is taken only where DNS-01 asks for it', async () => {
  const taken = async (over: Partial<CertManagerArgs>) =>
    rulesOf(named(await plan(over), 'cert-manager-controller-role-in-shop')).find(({ resources }) =>
      resources.includes('serviceaccounts/token'),
    )?.resourceNames;
  assert.equal(await taken({}), undefined);
  assert.deepEqual(await taken({ tokensOf: ['dns'] }), ['dns']);
});

test('the controller serves one namespace, with the controllers that are needed and no other', async () => {
  const made = await plan();
  const config = made.find(({ name }) => name.startsWith('cert-manager-controller-config-'))!;
  const file = JSON.parse((config.inputs['data'] as Record<string, string>)['config.yaml']!) as {
    namespace: string;
    controllers: string[];
    acmeHTTP01Config: object;
  };
  assert.equal(file.namespace, 'shop');
  assert.equal(file.controllers.length, 14);
  assert.ok(!file.controllers.some((name) => /ingress-shim|gateway|vault|venafi|clusterissuers|\*/.test(name)));
  assert.deepEqual(file.acmeHTTP01Config, { solverImage: 'quay.io/jetstack/cert-manager-acmesolver:v1.21.2' });
});

test('every pod may do as little as Pod Security restricted asks, and wishes to be apart from its like', async () => {
  for (const deployment of ofType(await plan(), 'Deployment')) {
    const { spec } = podOf(deployment);
    assert.equal(spec.securityContext.runAsUser, 1000);
    assert.equal(spec.containers[0].securityContext.readOnlyRootFilesystem, true);
  }
  const made = await plan({ size: { ...ARGS.size, replicas: 2 } });
  assert.equal(ofType(made, 'PodDisruptionBudget').length, 3);
  for (const deployment of ofType(made, 'Deployment')) {
    const { spec } = podOf(deployment) as unknown as { spec: { topologySpreadConstraints: unknown[] } };
    assert.equal(spec.topologySpreadConstraints.length, 2);
  }
});

const CLUSTER = {
  apiServer: { cidrs: ['10.0.0.1/32'], port: 443 },
  dns: { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } },
};
const spoken = (around: Parameters<typeof certManagerConnections>[1]) =>
  certManagerConnections('cert-manager', around).edges.map(({ from, to, port }) => `${from} → ${to}:${port}`);

test('without ACME it talks to the API server and to DNS only', () => {
  assert.deepEqual(spoken({ ...CLUSTER, outside: [] }), [
    'controller → api-server:443',
    'webhook → api-server:443',
    'cainjector → api-server:443',
    'api-server → webhook:10250',
    'controller → dns:53',
  ]);
});

test('with HTTP-01 the controller alone asks the edge and the world', () => {
  const edge = { place: { namespace: 'shop', pods: { app: 'edge' } }, port: 8080 };
  assert.deepEqual(spoken({ ...CLUSTER, edge, outside: ['0.0.0.0/0'] }).slice(5), [
    'controller → edge:8080',
    'controller → outside:443',
    'controller → outside:80',
  ]);
});
