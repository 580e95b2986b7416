import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../../../stacks/config/load.ts';
import { changed, groupsOf, rawOf, type Groups } from '../../support/raw.ts';

const staging = groupsOf('staging');
const REFUSED: readonly (readonly [path: string, value: unknown, says: RegExp])[] = [
  [
    'aws.network.zones',
    ['us-east-1a', 'us-east-1b'],
    /aws\.network\.zones: found us-east-1a, us-east-1b; wanted three/,
  ],
  [
    'aws.network.zones',
    ['us-east-1a', 'us-east-1b', 'us-west-2c'],
    /wanted three zones of aws\.region, which is "us-e/,
  ],
  ['aws.network.zones', ['us-east-1a', 'us-east-1b', 'us-east-1b'], /wanted a list, none twice/],
  [
    'aws.network.cidr',
    '10.0.0.0/8',
    /aws\.network\.cidr: found "10\.0\.0\.0\/8"; wanted an IPv4 network from a \/16 to a \/20/,
  ],
  ['aws.network.cidr', '8.8.0.0/16', /aws\.network\.cidr: found "8\.8.*; wanted .* of 10\.0\.0\.0\/8 or 192\.168/],
  ['aws.cluster.privateFrom', ['10.64.0.0/16', '10.64.0.0/16'], /aws\.cluster\.privateFrom: found .*none twice/],
  [
    'aws.cluster.administrator',
    'arn:aws:iam::444455556666:role/platform-deployer',
    /aws\.cluster\.administrator: found "arn.*; wanted a role of aws\.account, which is "111122223333"/,
  ],
  ['aws.cluster.nodes.least', 7, /aws\.cluster\.nodes\.least: found 7; wanted at most .*which is 6/],
  ['aws.backups.replicaRegion', 'us-east-1', /aws\.backups\.replicaRegion: found "us-east-1"; wanted another region/],
  [
    'api.image',
    'corporate-intel-api',
    /api\.image: found "corporate-intel-api"; wanted a repository of "111122223333\.dkr/,
  ],
  ['cluster.context', 'kind', /cluster\.context: found "kind"; wanted nothing while aws describes the cluster/],
  ...[['10.2.0.0/16', '172.20.0.1/32'], ['10.1.0.0/16'], ['10.1.0.0/16', '172.20.0.1/32', '10.9.0.0/16']].map(
    (cidrs) =>
      [
        'network.apiServer.cidrs',
        cidrs,
        /network\.apiServer\.cidrs: found 10\..*; wanted 10\.1\.0\.0\/16 and 172\.20\.0\.1\/32: aws\.network/,
      ] as const,
  ),
  [
    'aws.cluster.privateFrom',
    undefined,
    /aws\.cluster\.privateFrom: found nothing; wanted a list here or in aws\.cluster\.publicFrom/,
  ],
  ['network.clients', ['203.0.113.0/24'], /network\.clients: found 203\..*; wanted aws\.network\.cidr, which is 10\.1/],
  ['network.clients', ['10.1.0.0/17'], /network\.clients: found 10\.1\.0\.0\/17; wanted aws\.network\.cidr/],
  [
    'secrets.aws.role',
    'arn:aws:iam::111122223333:role/read',
    /secrets\.aws\.role: found "arn.*wanted nothing: the stack/,
  ],
  [
    'aws.cluster.publicFrom',
    ['0.0.0.0/0'],
    /aws\.cluster\.publicFrom: found .*wanted a list, not empty, each .* no wider than a \/8/,
  ],
  [
    'addons.loadBalancerController',
    'none',
    /addons\.loadBalancerController: found "none"; wanted "install" or "present", because edge\.exposure\.nlb "internet-/,
  ],
  [
    'aws',
    undefined,
    /addons\.loadBalancerController: found "install"; wanted "present" or "none" without aws: the role and the network/,
  ],
  [
    'aws.dns',
    { zoneId: 'Z0123456789ABCDEFGHIJ', domain: 'staging-api.corporate-intel.example.com' },
    /network\.apiHost: found "staging-api\..*"; wanted a name below aws\.dns\.domain, which is "staging-api/,
  ],
  [
    'aws.dns',
    { zoneId: 'corporate-intel', domain: 'example.com' },
    /aws\.dns\.zoneId: found .*the id of a hosted zone/,
  ],
  ['aws.account', 111122223333, /aws\.account: found 111122223333; wanted the twelve digits of an account, in quotes/],
];

const check = (groups: Groups) => (): unknown => parse(rawOf(groups), 'test');

for (const [path, value, says] of REFUSED) {
  test(`${path} as ${JSON.stringify(value)} is refused, in one line that says what it has to fit`, () => {
    assert.throws(check(changed(staging, path, value)), says);
  });
}

test('clients may be few, as long as the load balancer may ask for health', () => {
  check(changed(staging, 'network.clients', ['203.0.113.0/24', '10.1.0.0/16']))();
  check(changed(staging, 'network.clients', ['10.0.0.0/8']))();
});

test('a load balancer shows certificates of its own account and region', () => {
  const architect = groupsOf('architect-production');
  const shown = (arn: string) => (): unknown =>
    parse(rawOf(changed(architect, 'api.balancer.certificateArn', arn)), 'test', 'architect');
  const wanted =
    /api\.balancer\.certificateArn: found "arn.*"; wanted a certificate in aws\.region "us-east-1" of aws\.account "444/;
  assert.throws(shown('arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000'), wanted);
  assert.throws(shown('arn:aws:acm:us-west-2:444455556666:certificate/00000000-0000-0000-0000-000000000000'), wanted);
  shown('arn:aws:acm:us-east-1:444455556666:certificate/00000000-0000-0000-0000-000000000000')();
});

test('records are made only where this stack makes what they lead to', () => {
  const dns = { zoneId: 'Z0123456789ABCDEFGHIJ', domain: 'corporate-intel.example.com' };
  const zoned = changed(staging, 'aws.dns', dns);
  check(zoned)();
  assert.throws(
    check(changed(zoned, 'addons.loadBalancerController', 'present')),
    /aws\.dns: found addons\.loadBalancerController "present", edge\.exposure\.nlb; wanted "install" and edge/,
  );
  assert.throws(check(changed(zoned, 'edge.exposure.nlb', 'off')), /aws\.dns: found .*, no edge\.exposure\.nlb/);
});

test('nobody has to make load balancers where none of AWS is asked for', () => {
  check(changed(changed(staging, 'edge.exposure.nlb', 'off'), 'addons.loadBalancerController', 'none'))();
  const architect = changed(groupsOf('architect-production'), 'addons.loadBalancerController', 'none');
  const refused = (): unknown => parse(rawOf(architect), 'test', 'architect');
  assert.throws(refused, /found "none"; wanted "install" or "present", because api\.balancer asks for/);
});

test('a stack that makes no cluster names the role of its secrets, and a context as it likes', () => {
  const there = changed(changed(staging, 'aws', undefined), 'addons.loadBalancerController', 'present');
  const elsewhere = changed(there, 'cluster.context', 'theirs');
  assert.throws(check(elsewhere), /secrets\.aws\.role: found nothing; wanted the ARN of a role/);
  check(changed(elsewhere, 'secrets.aws.role', 'arn:aws:iam::111122223333:role/read'))();
});
