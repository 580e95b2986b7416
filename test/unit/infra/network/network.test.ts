import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults } from '../../../../infra/identity/index.ts';
import { endpointPolicy, storageEndpoint } from '../../../../infra/network/endpoint-policies.ts';
import { CLUSTER_ENDPOINTS, flowLogGroup, Network, type NetworkArgs } from '../../../../infra/network/index.ts';
import { named, planned, type Made } from '../../support/mocks.ts';
import { decide } from '../identity/evaluate.ts';
import { PLACE } from '../identity/table.ts';
import { protectedIn } from '../support/protection.ts';

const ARGS: NetworkArgs = {
  place: PLACE,
  prefix: 'shop-staging',
  cidr: '10.1.0.0/16',
  zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
  nat: 'zone',
  endpoints: CLUSTER_ENDPOINTS,
  clusters: ['shop-staging'],
  flowLogs: { keyArn: 'arn:k', retention: 30 },
};
const build = (change: Partial<NetworkArgs> = {}, options = {}) => new Network('net', { ...ARGS, ...change }, options);
const plan = (change: Partial<NetworkArgs> = {}) => planned(() => build(change));
const of = (made: readonly Made[], type: string) => made.filter((one) => one.type === type);

const SUBNET = 'aws:ec2/subnet:Subnet';
const ROUTE = 'aws:ec2/route:Route';
const NAT = 'aws:ec2/natGateway:NatGateway';
const ENDPOINT = 'aws:ec2/vpcEndpoint:VpcEndpoint';

test('no two resources share a name', async () => {
  const names = (await plan()).map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

test('three zones have a private and a public subnet each, with addresses by the zone’s letter', async () => {
  const made = await plan();
  assert.deepEqual(
    of(made, SUBNET).map(({ name, inputs }) => [name, inputs['availabilityZone'], inputs['cidrBlock']]),
    [
      ['net-private-a', 'us-east-1a', '10.1.0.0/20'],
      ['net-private-b', 'us-east-1b', '10.1.16.0/20'],
      ['net-private-c', 'us-east-1c', '10.1.32.0/20'],
      ['net-public-a', 'us-east-1a', '10.1.128.0/24'],
      ['net-public-b', 'us-east-1b', '10.1.129.0/24'],
      ['net-public-c', 'us-east-1c', '10.1.130.0/24'],
    ],
  );
});

test('zones in another order are the same plan, and an exchanged zone leaves the subnets of the other two', async () => {
  const made = await plan();
  const strip = (all: readonly Made[]) => all.map(({ type, name, inputs }) => ({ type, name, inputs }));
  assert.deepEqual(strip(await plan({ zones: ARGS.zones.toReversed() })), strip(made));
  const other = of(await plan({ zones: ['us-east-1f', 'us-east-1b', 'us-east-1c'] }), SUBNET);
  for (const name of ['net-private-b', 'net-public-c']) {
    assert.deepEqual(named(other, name).inputs, named(made, name).inputs);
  }
  assert.ok(named(other, 'net-private-f'));
});

test('no subnet gives public addresses away, and load balancers find theirs', async () => {
  for (const { name, inputs } of of(await plan(), SUBNET)) {
    assert.equal(inputs['mapPublicIpOnLaunch'], false, name);
    const tags = inputs['tags'] as Record<string, string>;
    const [wanted, other] = ['elb', 'internal-elb'].map((role) => tags[`kubernetes.io/role/${role}`]);
    assert.deepEqual([wanted, other], name.includes('public') ? ['1', undefined] : [undefined, '1'], name);
    assert.equal(tags['kubernetes.io/cluster/shop-staging'], 'shared');
  }
});

test('private subnets go out by the gateway of their own zone, by the one there is, or not at all', async () => {
  const ways = async (nat: NetworkArgs['nat']) => {
    const made = await plan({ nat });
    return [
      of(made, NAT).map(({ inputs }) => inputs['subnetId']),
      of(made, ROUTE)
        .filter(({ name }) => name !== 'net-public-out')
        .map(({ inputs }) => [inputs['routeTableId'], inputs['natGatewayId']]),
    ];
  };
  const letters = ['a', 'b', 'c'];
  assert.deepEqual(await ways('zone'), [
    letters.map((letter) => `net-public-${letter}-id`),
    letters.map((letter) => [`net-private-${letter}-table-id`, `net-nat-${letter}-id`]),
  ]);
  assert.deepEqual(await ways('one'), [
    ['net-public-a-id'],
    letters.map((letter) => [`net-private-${letter}-table-id`, 'net-nat-a-id']),
  ]);
  assert.deepEqual(await ways('none'), [[], []]);
});

test('only the public table leads to the internet gateway', async () => {
  const open = of(await plan(), ROUTE).filter(({ inputs }) => inputs['gatewayId'] !== undefined);
  assert.deepEqual(
    open.map(({ inputs }) => inputs['routeTableId']),
    ['net-public-table-id'],
  );
});

test('each service that a cluster calls has a private door in all three zones, under its ordinary name', async () => {
  const made = await plan();
  const doors = of(made, ENDPOINT).filter(({ inputs }) => inputs['vpcEndpointType'] === 'Interface');
  assert.deepEqual(
    doors.map(({ inputs }) => inputs['serviceName']),
    CLUSTER_ENDPOINTS.map((service) => `com.amazonaws.us-east-1.${service}`),
  );
  for (const { name, inputs } of doors) {
    assert.equal(inputs['privateDnsEnabled'], true, name);
    assert.deepEqual(inputs['securityGroupIds'], ['net-endpoints-id'], name);
    assert.equal((inputs['subnetIds'] as string[]).length, 3, name);
  }
  const vpc = named(made, 'net-vpc').inputs;
  assert.deepEqual([vpc['enableDnsSupport'], vpc['enableDnsHostnames']], [true, true], 'private names rest on both');
});

test('S3 is reached by a gateway from every table, with or without other doors', async () => {
  for (const made of [await plan(), await plan({ endpoints: [] })]) {
    const { inputs } = named(made, 'net-endpoint-s3');
    assert.equal(inputs['vpcEndpointType'], 'Gateway');
    assert.deepEqual(inputs['routeTableIds'], [
      'net-public-table-id',
      ...['a', 'b', 'c'].map((z) => `net-private-${z}-table-id`),
    ]);
  }
  assert.equal(of(await plan({ endpoints: [] }), ENDPOINT).length, 1);
});

test('the doors admit this network alone, and nothing in the network is open to the world', async () => {
  const made = await plan();
  const rules = made.filter(({ type }) => /security/i.test(type));
  assert.deepEqual(
    rules.map(({ name }) => name),
    ['net-default', 'net-endpoints', 'net-endpoints-https'],
  );
  const { cidrIpv4, fromPort, toPort, ipProtocol } = named(rules, 'net-endpoints-https').inputs;
  assert.deepEqual([cidrIpv4, fromPort, toPort, ipProtocol], ['10.1.0.0/16', 443, 443, 'tcp']);
  for (const { name, inputs } of rules) assert.doesNotMatch(JSON.stringify(inputs), /0\.0\.0\.0\/0|::\/0/, name);
});

test('the group that everything without a group falls into admits nothing, in or out', async () => {
  const { ingress, egress, vpcId } = named(await plan(), 'net-default').inputs;
  assert.deepEqual([ingress, egress, vpcId], [[], [], 'net-vpc-id']);
});

test('all traffic is on record, in an encrypted group that only the service appends to', async () => {
  const made = await plan();
  const flow = named(made, 'net-flow').inputs;
  assert.deepEqual([flow['vpcId'], flow['trafficType']], ['net-vpc-id', 'ALL']);
  const { name, kmsKeyId, retentionInDays } = named(made, 'net-logs-flow').inputs;
  assert.deepEqual([name, kmsKeyId, retentionInDays], ['/platform/shop-staging/flow', 'arn:k', 30]);
  assert.equal(flowLogGroup('shop-staging'), name);
  const trust = JSON.parse(named(made, 'net-flow-writer').inputs['assumeRolePolicy'] as string);
  assert.deepEqual(trust.Statement[0].Principal, { Service: 'vpc-flow-logs.amazonaws.com' });
  assert.equal(trust.Statement[0].Condition.StringEquals['aws:SourceAccount'], PLACE.accountId);
});

test('what was written down is protected unless somebody says otherwise', async () => {
  assert.deepEqual(await protectedIn((options) => build({}, options)), ['net-logs-flow']);
  assert.deepEqual(await protectedIn((options) => build({ protect: false }, options)), []);
});

test('through a door go our own callers, and of strangers only what they publish, to be read over TLS', () => {
  const s3 = storageEndpoint(PLACE);
  const ask = (action: string, context: Record<string, string>) =>
    decide(s3, { action, resource: 'arn:aws:s3:::x/y', context });
  assert.equal(ask('s3:PutObject', { 'aws:PrincipalAccount': PLACE.accountId }), 'allowed');
  assert.equal(
    ask('s3:PutObject', { 'aws:PrincipalAccount': '444455556666', 'aws:SecureTransport': 'true' }),
    'not allowed',
  );
  assert.equal(ask('s3:GetObject', { 'aws:SecureTransport': 'true' }), 'allowed');
  assert.equal(ask('s3:GetObject', { 'aws:SecureTransport': 'false' }), 'not allowed');
  const sts = endpointPolicy(PLACE, 'sts')!;
  const token = (account: string, role = account) =>
    decide(sts, {
      action: 'sts:AssumeRoleWithWebIdentity',
      resource: `arn:aws:iam::${role}:role/x`,
      context: { 'aws:ResourceAccount': account },
    });
  assert.equal(token(PLACE.accountId), 'allowed');
  assert.equal(token('444455556666'), 'not allowed');
  for (const service of CLUSTER_ENDPOINTS) assert.deepEqual(faults(endpointPolicy(PLACE, service) ?? s3).found, []);
  const secrets = {
    action: 'secretsmanager:PutSecretValue',
    resource: 'arn:aws:secretsmanager:us-east-1:444455556666:secret:x',
  };
  const policy = endpointPolicy(PLACE, 'secretsmanager')!;
  assert.equal(decide(policy, { ...secrets, context: { 'aws:PrincipalAccount': '444455556666' } }), 'not allowed');
});

test('a block that is none of ours to use, and zones that are not three, are refused, all at once', async () => {
  await assert.rejects(
    plan({ cidr: '8.8.0.0/16', zones: ['us-east-1a', 'us-east-1a', 'eu-west-1a'] }),
    (error: Error) => {
      assert.match(error.message, /Network "net" has 3 problems/);
      assert.match(
        error.message,
        /NetworkArgs\.cidr: found "8\.8\.0\.0\/16"; wanted an IPv4 network from a \/16 to a \/20/,
      );
      assert.match(error.message, /NetworkArgs\.zones: found \["us-east-1a","us-east-1a","eu-west-1a"\]; wanted three/);
      assert.match(error.message, /found "eu-west-1a"; wanted an ordinary zone of us-east-1/);
      return true;
    },
  );
  for (const cidr of ['172.20.0.0/16', '10.1.0.0/24', '10.0.0.0/8', '10.1.2.3/16', 'ten']) {
    await assert.rejects(plan({ cidr }), /NetworkArgs\.cidr/, cidr);
  }
});
