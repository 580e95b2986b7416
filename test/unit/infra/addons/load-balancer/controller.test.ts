import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import {
  loadBalancerAccount,
  loadBalancerConnections,
  LoadBalancerController,
} from '../../../../../infra/addons/index.ts';
import { readCrds } from '../../../../../infra/addons/crds.ts';
import { named, planned, podOf, secretsIn } from '../../../support/mocks.ts';

interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
  readonly resourceNames?: string[];
}

const plan = () =>
  planned(
    () =>
      new LoadBalancerController(
        'lb',
        {
          ...{
            namespace: 'balancing',
            partOf: 'shop',
            serves: 'shop',
            cluster: 'shop-production',
            region: 'us-east-1',
          },
          vpcId: pulumi.output('vpc-1'),
          image: { reference: 'registry.example.com/lbc:2', uid: 65534 },
          size: { replicas: 2, cpu: { request: '20m', limit: '500m' }, memory: '192Mi' },
          startDeadline: '5m',
        },
        {},
      ),
    { 'random:index/randomBytes:RandomBytes': () => ({ base64: Buffer.alloc(32, 1).toString('base64') }) },
  );

const rulesIn = async (kind: string, namespace?: string): Promise<Rule[]> =>
  (await plan())
    .filter(({ type }) => type === `kubernetes:rbac.authorization.k8s.io/v1:${kind}`)
    .filter(({ inputs }) => (inputs['metadata'] as { namespace?: string }).namespace === namespace)
    .flatMap(({ inputs }) => inputs['rules'] as Rule[]);

test('it serves the Services of one namespace of one cluster, and says so to AWS', async () => {
  const [container] = podOf(named(await plan(), 'lb-controller-deployment')).spec.containers;
  for (const arg of ['--cluster-name=shop-production', '--aws-region=us-east-1', '--watch-namespace=shop']) {
    assert.ok(container.args.includes(arg), arg);
  }
});

test('the number of the network reaches it without being in its pods: they are whole in a plan', async () => {
  const made = await plan();
  const [{ args, env }] = podOf(named(made, 'lb-controller-deployment')).spec.containers;
  assert.ok(args.includes('--aws-vpc-id=$(VPC_ID)'));
  assert.deepEqual(env, [{ name: 'VPC_ID', valueFrom: { configMapKeyRef: { name: 'lb-network', key: 'vpcId' } } }]);
  assert.deepEqual(named(made, 'lb-network').inputs['data'], { vpcId: 'vpc-1' });
  assert.doesNotMatch(JSON.stringify(named(made, 'lb-controller-deployment').inputs), /vpc-1/);
});

test('what its role has no rights for is off', async () => {
  const [{ args }] = podOf(named(await plan(), 'lb-controller-deployment')).spec.containers;
  const off = args.flatMap((arg) => /^--enable-(.*)=false$/.exec(arg)?.[1] ?? []);
  assert.deepEqual(off, ['shield', 'waf', 'wafv2', 'pod-readiness-gate-inject']);
  assert.ok(args.includes('--feature-gates=LBCapacityReservation=false'));
});

test('its server has a certificate, of which nothing is in the clear, and no webhook asks for it', async () => {
  const made = await plan();
  const { volumes, containers } = podOf(named(made, 'lb-controller-deployment')).spec;
  assert.ok(containers[0].args.includes('--webhook-cert-dir=/certificate'));
  assert.deepEqual(
    volumes.flatMap(({ secret }) => secret?.secretName ?? []),
    ['lb-certificate'],
  );
  const pair = secretsIn(named(made, 'lb-certificate'));
  assert.equal(new X509Certificate(pair['tls.crt']!).subject, 'CN=lb-controller');
  assert.match(pair['tls.key']!, /PRIVATE KEY/);
  assert.deepEqual(
    made.filter(({ type }) => /admissionregistration|:Service$/.test(type)),
    [],
  );
});

test('of what belongs to no namespace it changes nothing', async () => {
  const rules = await rulesIn('ClusterRole');
  assert.deepEqual(
    rules.map(({ resources, verbs }) => `${resources.join(' ')}: ${verbs.join(' ')}`),
    ['nodes', 'ingressclasses', 'ingressclassparams'].map((resource) => `${resource}: get list watch`),
  );
});

test('of the namespace it serves it changes Services and its own kind, and reads no Secret', async () => {
  const rules = await rulesIn('Role', 'shop');
  const changing = rules.filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)));
  assert.deepEqual(
    changing.flatMap(({ resources }) => resources),
    ['services', 'services/status', 'targetgroupbindings', 'targetgroupbindings/status', 'events'],
  );
  const all = rules.flatMap(({ resources, verbs }) => [...resources, ...verbs]);
  assert.equal(
    all.some((one) => one === '*' || one === 'secrets'),
    false,
  );
});

test('in its own namespace it only settles who leads', async () => {
  assert.deepEqual(
    (await rulesIn('Role', 'balancing')).map(({ resources, resourceNames }) => [resources, resourceNames]),
    [
      [['leases'], undefined],
      [['leases'], ['aws-load-balancer-controller-leader']],
      [['events'], undefined],
    ],
  );
});

test('two replicas are drained one at a time', async () => {
  const budget = named(await plan(), 'lb-controller-budget').inputs['spec'] as { maxUnavailable: number };
  assert.equal(budget.maxUnavailable, 1);
});

test('its kinds are there, and those of what is off are not', () => {
  assert.deepEqual(
    readCrds('aws-load-balancer-controller').crds.map(({ name }) => name),
    ['targetgroupbindings.elbv2.k8s.aws', 'ingressclassparams.elbv2.k8s.aws'],
  );
});

test('it talks to the API server, DNS, AWS and the agent of its identity; nobody calls it', () => {
  const { places, edges } = loadBalancerConnections('lb', {
    apiServer: { cidrs: ['192.0.2.0/24'], port: 6443 },
    dns: { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } },
    aws: ['10.1.0.0/16'],
  });
  assert.deepEqual(
    edges.map(({ from, to, port }) => `${from} → ${to}:${port}`),
    ['api-server:6443', 'dns:53', 'aws:443', 'identity:80'].map((to) => `lb-controller → ${to}`),
  );
  assert.deepEqual(places['aws'], { cidrs: ['10.1.0.0/16'] });
  assert.deepEqual(places['identity'], { cidrs: ['169.254.170.23/32'] });
});

test('the account that a role is given to is that of its pods', async () => {
  const pod = podOf(named(await plan(), 'lb-controller-deployment')).spec as unknown as { serviceAccountName: string };
  assert.equal(pod.serviceAccountName, loadBalancerAccount('lb'));
});
