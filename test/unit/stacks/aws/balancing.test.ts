import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { architect, grounding as groundingOfArchitect } from '../../../../stacks/architect.ts';
import { ground } from '../../../../stacks/aws/ground.ts';
import { parse } from '../../../../stacks/config/load.ts';
import { corporateIntelligence, grounding } from '../../../../stacks/corporate-intelligence.ts';
import { named, planned, type Answers, type Made } from '../../support/mocks.ts';
import { changed, groupsOf, rawOf, type Groups } from '../support/raw.ts';

const BALANCER = 'k8s-shop-0123456789.elb.us-east-1.amazonaws.com';
const PLACE = 'arn:aws:iam::111122223333';

/** What AWS and the API server would answer, as far as other things are made of it. */
const ANSWERS: Answers = {
  'aws:kms/key:Key': ({ name }) => ({ arn: `arn:aws:kms:us-east-1:111122223333:key/${name}`, keyId: name }),
  'aws:iam/role:Role': ({ name }) => ({ arn: `${PLACE}:role/${name}` }),
  'aws:iam/openIdConnectProvider:OpenIdConnectProvider': ({ name }) => ({ arn: `${PLACE}:oidc-provider/${name}` }),
  'aws:cloudwatch/logGroup:LogGroup': ({ name }) => ({ arn: `arn:aws:logs:us-east-1:111122223333:log-group:${name}` }),
  'aws:eks/cluster:Cluster': () => ({
    endpoint: 'https://made.example.com',
    certificateAuthority: { data: 'Y2E=' },
    identities: [{ oidcs: [{ issuer: 'https://oidc.example.com/id/made' }] }],
  }),
  'random:index/randomBytes:RandomBytes': () => ({ base64: Buffer.alloc(32, 1).toString('base64') }),
  'kubernetes:core/v1:Service': ({ inputs }) =>
    (inputs['spec'] as { type?: string }).type === 'LoadBalancer'
      ? { status: { loadBalancer: { ingress: [{ hostname: BALANCER }] } } }
      : {},
};

interface Shape {
  readonly stack: string;
  readonly namespace: string;
  readonly cluster: string;
  /** What clients reach. */
  readonly service: string;
  readonly zone: { readonly zoneId: string; readonly domain: string };
  readonly hosts: readonly string[];
  readonly compose: (groups: Groups) => void;
}

const SHAPES: readonly Shape[] = [
  {
    ...{ stack: 'staging', namespace: 'corporate-intel-staging', cluster: 'corporate-intel-staging' },
    service: 'edge-service',
    zone: { zoneId: 'Z0123456789ABCDEFGHIJ', domain: 'corporate-intel.example.com' },
    hosts: ['staging-api', 'staging-monitor', 'staging-storage'].map((one) => `${one}.corporate-intel.example.com`),
    compose: (groups) => {
      const settings = parse(rawOf(groups), 'test');
      corporateIntelligence({ settings, secrets: {} }, ground(grounding(settings)!));
    },
  },
  {
    ...{ stack: 'architect-production', namespace: 'architect-production', cluster: 'architect-production' },
    service: 'architect-api-service',
    zone: { zoneId: 'Z0123456789ABCDEFGHIJ', domain: 'architect.internal' },
    hosts: ['api.architect.internal'],
    compose: (groups) => {
      const settings = parse(rawOf(groups), 'test', 'architect');
      architect({ settings, secrets: {} }, ground(groundingOfArchitect(settings)!));
    },
  },
];

for (const { stack, namespace, cluster, service, zone, hosts, compose } of SHAPES) {
  describe(stack, () => {
    const made = (groups: Groups): Promise<readonly Made[]> => planned(() => compose(groups), ANSWERS);
    let all: readonly Made[];
    before(async () => (all = await made(groupsOf(stack))));
    const records = (of: readonly Made[]): Made[] => of.filter(({ type }) => type === 'aws:route53/record:Record');

    test('the role of what makes load balancers is taken by the account of its pods, in this cluster', () => {
      const { clusterName, namespace: of, serviceAccount } = named(all, 'balancers-role-association').inputs;
      const pod = named(all, 'aws-load-balancer-controller-deployment').inputs as {
        metadata: { namespace: string };
        spec: { template: { spec: { serviceAccountName: string; containers: { args: string[] }[] } } };
      };
      assert.deepEqual(
        [clusterName, of, serviceAccount],
        [cluster, pod.metadata.namespace, pod.spec.template.spec.serviceAccountName],
      );
      const { args } = pod.spec.template.spec.containers[0]!;
      for (const arg of [`--cluster-name=${cluster}`, `--watch-namespace=${namespace}`]) assert.ok(args.includes(arg));
      const { policy } = named(all, 'balancers-role-role-policy').inputs as { policy: string };
      assert.match(policy, new RegExp(`"aws:ResourceTag/elbv2\\.k8s\\.aws/cluster":"${cluster}"`));
    });

    test('its pods come after their role, and the Service of the load balancer after them', () => {
      const { nth } = named(all, 'aws-load-balancer-controller-deployment');
      assert.ok(named(all, 'balancers-role-association').nth < nth);
      assert.ok(nth < named(all, service).nth);
    });

    test('the Service counts as made once its load balancer has a name, and as gone once that is', () => {
      const { annotations } = named(all, service).inputs['metadata'] as { annotations: Record<string, string> };
      assert.equal(annotations['pulumi.com/skipAwait'], undefined);
      assert.match(annotations['pulumi.com/waitFor']!, /^jsonpath=\{\.status\.loadBalancer\./);
    });

    test('where a zone is stated, every host leads to the load balancer by its name; else there is no record', async () => {
      assert.deepEqual(records(all), []);
      const led = records(await made(changed(groupsOf(stack), 'aws.dns', zone)));
      assert.deepEqual(
        led.map(({ inputs }) => [inputs['zoneId'], inputs['name'], inputs['type'], inputs['records']]),
        hosts.map((host) => [zone.zoneId, host, 'CNAME', [BALANCER]]),
      );
    });

    test('on a cluster that has the controller nothing of it is made, and nobody waits for the load balancer', async () => {
      const there = await made(changed(groupsOf(stack), 'addons.loadBalancerController', 'present'));
      assert.deepEqual(
        there.filter(({ name }) => /^aws-load-balancer|^balancers/.test(name)),
        [],
      );
      const { annotations } = named(there, service).inputs['metadata'] as { annotations: Record<string, string> };
      assert.equal(annotations['pulumi.com/skipAwait'], 'true');
      assert.equal(annotations['pulumi.com/waitFor'], undefined);
    });
  });
}
