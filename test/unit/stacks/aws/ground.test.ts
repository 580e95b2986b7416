import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ground } from '../../../../stacks/aws/ground.ts';
import { parse } from '../../../../stacks/config/load.ts';
import { grounding } from '../../../../stacks/corporate-intelligence.ts';
import { named, planned, type Answers, type Made } from '../../support/mocks.ts';
import { changed, groupsOf, rawOf, type Groups } from '../support/raw.ts';

const arnOf = (service: string, name: string): string => `arn:aws:${service}:us-east-1:111122223333:${name}`;

/** What AWS would answer, as far as other things are made of it. */
const ANSWERS: Answers = {
  'aws:kms/key:Key': ({ name }) => ({ arn: arnOf('kms', `key/${name}`), keyId: name }),
  'aws:iam/role:Role': ({ name }) => ({ arn: arnOf('iam', `role/${name}`) }),
  'aws:iam/openIdConnectProvider:OpenIdConnectProvider': ({ name }) => ({ arn: arnOf('iam', `oidc-provider/${name}`) }),
  'aws:cloudwatch/logGroup:LogGroup': ({ name }) => ({ arn: arnOf('logs', `log-group:${name}`) }),
  'aws:eks/cluster:Cluster': () => ({
    endpoint: 'https://made.example.com',
    certificateAuthority: { data: 'Y2E=' },
    identities: [{ oidcs: [{ issuer: 'https://oidc.example.com/id/made' }] }],
  }),
};

const made = (groups: Groups): Promise<readonly Made[]> =>
  planned(() => ground(grounding(parse(rawOf(groups), 'test'))!), ANSWERS);

let all: readonly Made[];
before(async () => (all = await made(groupsOf('production'))));

const of = (type: string): readonly Made[] => all.filter((one) => one.type === type);

test('a stack on a cluster that is there makes nothing of AWS', () => {
  assert.equal(grounding(parse(rawOf(groupsOf('local')), 'test')), undefined);
});

test('the API server answers inside the network alone, and with the addresses stated also outside', async () => {
  const shut = named(all, 'eks-cluster').inputs.vpcConfig as Record<string, unknown>;
  assert.deepEqual([shut.endpointPrivateAccess, shut.endpointPublicAccess], [true, false]);
  const opened = await made(changed(groupsOf('production'), 'aws.cluster.publicFrom', ['198.51.100.0/24']));
  const open = named(opened, 'eks-cluster').inputs.vpcConfig as Record<string, unknown>;
  assert.deepEqual([open.endpointPublicAccess, open.publicAccessCidrs], [true, ['198.51.100.0/24']]);
});

test('Secrets, disks, logs, images and backups each have a key of their own, and the copies one in their region', () => {
  const aliases = of('aws:kms/alias:Alias').map(({ inputs }) => inputs.name);
  const purposes = ['backups', 'backups-copy', 'disks', 'images', 'logs', 'secrets'];
  assert.deepEqual(
    aliases.toSorted(),
    purposes.map((purpose) => `alias/corporate-intel-production/${purpose}`),
  );
  const encrypted = named(all, 'eks-cluster').inputs.encryptionConfig as { provider: { keyArn: unknown } };
  assert.equal(encrypted.provider.keyArn, arnOf('kms', 'key/key-secrets-key'));
  for (const { name, inputs } of of('aws:cloudwatch/logGroup:LogGroup')) assert.ok('kmsKeyId' in inputs, name);
});

test('the nodes are spread over three zones, and no subnet of theirs hands out public addresses', () => {
  const subnets = of('aws:ec2/subnet:Subnet').filter(({ name }) => name.includes('private'));
  assert.deepEqual(subnets.map(({ inputs }) => inputs.availabilityZone).toSorted(), [
    'us-east-1a',
    'us-east-1b',
    'us-east-1c',
  ]);
  for (const { inputs, name } of subnets) assert.notEqual(inputs.mapPublicIpOnLaunch, true, name);
});

test('one role reads the one entry of the outside secrets, by the token of its account and no other', async () => {
  const staging = await made(groupsOf('staging'));
  const { policy } = named(staging, 'secrets-role-role-policy').inputs as { policy: string };
  const [read, ...others] = (JSON.parse(policy) as { Statement: { Resource: string[] }[] }).Statement;
  assert.deepEqual(others, []);
  assert.deepEqual(read!.Resource, [
    'arn:aws:secretsmanager:us-east-1:111122223333:secret:corporate-intel/staging/api-??????',
  ]);
  const { assumeRolePolicy } = named(staging, 'secrets-role-role').inputs as { assumeRolePolicy: string };
  assert.match(assumeRolePolicy, /:sub":"system:serviceaccount:corporate-intel-staging:outside-secrets"/);
  // Production reads Vault: it has no such role.
  assert.deepEqual(
    all.filter(({ name }) => name.startsWith('secrets-role')),
    [],
  );
});

test('the repository is the one that the image is pulled from, and no tag in it but the moving one is given twice', () => {
  const { name, imageTagMutability, imageTagMutabilityExclusionFilters } = named(all, 'registry-repository').inputs;
  assert.deepEqual([name, imageTagMutability], ['corporate-intel-api', 'IMMUTABLE_WITH_EXCLUSION']);
  assert.deepEqual(imageTagMutabilityExclusionFilters, [{ filter: 'production-latest', filterType: 'WILDCARD' }]);
});

test('backups are kept for D’s thirty days, and copied to the other region', () => {
  const { rules } = named(all, 'backups-lifecycle').inputs as { rules: { expiration?: { days: number } }[] };
  assert.ok(
    rules.some(({ expiration }) => expiration?.days === 30),
    JSON.stringify(rules),
  );
  assert.equal(of('aws:s3/bucketReplicationConfig:BucketReplicationConfig').length, 1);
});

test('left out, there are neither backups nor a repository, nor keys for them', async () => {
  const bare = await made(
    changed(changed(groupsOf('production'), 'aws.backups', undefined), 'aws.registry', undefined),
  );
  assert.deepEqual(
    bare.filter(({ name, type }) => type.startsWith('aws:') && /backups|registry|images/.test(name)),
    [],
  );
});
