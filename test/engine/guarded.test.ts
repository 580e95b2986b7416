/** What matters of the hosts of every stack, by name: who is let in, what is encrypted, what cannot be deleted by mistake. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bareBuckets, brokenRules, RULES } from './support/aws/guarded.ts';
import { manifestsIn, plannedFromNothing, type PlannedResource } from './support/planned.ts';
import { stacks } from './support/stacks.ts';

/** These are put up and taken down again: nothing in them is worth keeping. */
const PASSING = /^local$|rehearsal/;
/** Ports of databases, caches, stores and queues. */
const STORES = [5432, 6432, 6379, 26379, 9000, 9001, 5672];

for (const stack of stacks()) {
  describe(stack, () => {
    test(`the hosts of ${stack} keep every rule`, async () => {
      const { resources } = await plannedFromNothing(stack);
      const rules = PASSING.test(stack) ? /protected from deletion/ : /^$/;
      assert.deepEqual(
        [...brokenRules(resources), ...bareBuckets(resources)].filter((one) => !rules.test(one)),
        [],
      );
    });

    test(`no database of ${stack} can be reached from outside its network`, async () => {
      const { resources } = await plannedFromNothing(stack);
      const open = manifestsIn(resources)
        .filter(({ kind, spec }) => kind === 'Service' && ['LoadBalancer', 'NodePort'].includes(spec?.type))
        .filter(({ spec }) => (spec.ports as { port: number }[]).some(({ port }) => STORES.includes(port)));
      const published = resources.filter(
        ({ type, inputs }) =>
          type === 'docker:index/container:Container' &&
          ((inputs.ports ?? []) as { internal: number; ip?: string }[]).some(
            ({ internal, ip }) => STORES.includes(internal) && ip !== '127.0.0.1',
          ),
      );
      assert.deepEqual([...open.map(({ metadata }) => metadata.name), ...published.map(({ name }) => name)], []);
    });

    if (!PASSING.test(stack)) {
      test(`every volume of ${stack} is protected from deletion`, async () => {
        const { resources } = await plannedFromNothing(stack);
        const volumes = resources.filter(({ type }) =>
          /:PersistentVolumeClaim$|^docker:index\/volume:Volume$/.test(type),
        );
        assert.ok(volumes.length > 0, 'nothing holds data');
        assert.deepEqual(
          volumes.filter(({ protect }) => protect !== true).map(({ name }) => name),
          [],
        );
      });
    }
  });
}

describe('what is planted is found:', () => {
  const resource = (type: string, inputs: object, protect = true): PlannedResource => ({
    ...{ urn: `urn:pulumi:s::p::aws:${type}::planted`, type: `aws:${type}`, name: 'planted', inputs, protect },
  });
  const RULE = 'vpc/securityGroupIngressRule:SecurityGroupIngressRule';
  const PLANTED: Readonly<Record<string, PlannedResource>> = {
    'SSH is not open to everybody': resource(RULE, {
      fromPort: 20,
      toPort: 30,
      ipProtocol: 'tcp',
      cidrIpv4: '0.0.0.0/0',
    }),
    'no database, cache or queue is open to everybody': resource('ec2/securityGroup:SecurityGroup', {
      ingress: [{ fromPort: 6379, toPort: 6379, protocol: 'tcp', ipv6CidrBlocks: ['::/0'] }],
    }),
    'no database of AWS has a public address': resource('rds/instance:Instance', {
      publiclyAccessible: true,
      storageEncrypted: true,
    }),
    'a database of AWS is encrypted': resource('rds/instance:Instance', {}),
    'a server asks for its own facts with a token (IMDSv2)': resource('ec2/launchTemplate:LaunchTemplate', {
      metadataOptions: { httpTokens: 'optional' },
      blockDeviceMappings: [{ ebs: { encrypted: 'true' } }],
    }),
    'the disks of a server are encrypted': resource('ec2/instance:Instance', {
      metadataOptions: { httpTokens: 'required' },
    }),
    'the disks of a node are encrypted': resource('ec2/launchTemplate:LaunchTemplate', {
      metadataOptions: { httpTokens: 'required' },
      blockDeviceMappings: [{ ebs: {} }],
    }),
    'a volume is encrypted with a key of the platform’s': resource('ebs/volume:Volume', { encrypted: true }),
    'a cluster’s Secrets are encrypted with a key of the platform’s': resource('eks/cluster:Cluster', {
      vpcConfig: { endpointPublicAccess: false },
    }),
    'a cluster’s API server is not open to everybody': resource('eks/cluster:Cluster', {
      encryptionConfig: { provider: { keyArn: 'arn' }, resources: ['secrets'] },
      vpcConfig: { endpointPublicAccess: true, publicAccessCidrs: ['0.0.0.0/0'] },
    }),
    'a log group is encrypted, and does not grow for ever': resource('cloudwatch/logGroup:LogGroup', {
      kmsKeyId: 'arn',
    }),
    'a secret is encrypted with a key of the platform’s': resource('secretsmanager/secret:Secret', {}),
    'a key is renewed every year': resource('kms/key:Key', {}),
    'a bucket is closed to the public, wholly': resource('s3/bucketPublicAccessBlock:BucketPublicAccessBlock', {
      blockPublicAcls: true,
    }),
    'a repository’s tags never move, and its images are scanned': resource('ecr/repository:Repository', {}),
    'what holds data, or opens it, is protected from deletion': resource(
      'kms/key:Key',
      { enableKeyRotation: true },
      false,
    ),
  };

  for (const { claim } of RULES) {
    test(claim, () => {
      const broken = brokenRules([PLANTED[claim]!]);
      assert.equal(broken.length, 1, broken.join('\n'));
      assert.ok(broken[0]!.startsWith(`${claim}: planted`), broken[0]);
    });
  }

  test('a group that names no port lets everybody in everywhere', () => {
    const broken = brokenRules([resource(RULE, { ipProtocol: '-1', cidrIpv4: '0.0.0.0/0' })]);
    assert.equal(broken.length, 2, broken.join('\n'));
  });

  test('a bucket without what belongs beside it', () => {
    const bucket = resource('s3/bucket:Bucket', { bucket: 'one' });
    const block = { ...resource('s3/bucketPublicAccessBlock:BucketPublicAccessBlock', {}), dependencies: [bucket.urn] };
    assert.deepEqual(bareBuckets([bucket, block]), [
      'planted: no BucketServerSideEncryptionConfiguration',
      'planted: no BucketVersioning',
    ]);
  });
});
