/**
 * The planned AWS resources made in moto, a stand-in for AWS that others wrote. The provider's own plugin is not to be had on a
 * machine without downloads, so the inputs take another road: through AWS's Python client, whose model knows every call.
 *
 * Not tried: what the provider makes of the inputs, and waits for. Resources that refer to each other are made in the order of
 * the plan, with what the stand-in gave in place of what the plan made up.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { lacksForPython, pythonPackages } from '../../infra/sandbox/build/scanners.ts';
import { applyingEcho } from '../../infra/sandbox/engine/index.ts';
import { run } from '../../infra/sandbox/host/run.ts';
import { BEFORE, PROGRAM } from './support/aws/program.ts';
import { engine } from './support/engine.ts';
import { opened } from './support/planned.ts';

const lacking = await lacksForPython('moto');
const SUPPORT = join(import.meta.dirname, 'support/aws');

interface Resource {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

interface Told {
  readonly name: string;
  readonly type: string;
  readonly call: string;
  readonly outcome: 'made' | 'refused' | 'no call';
  readonly says: string;
  /** Inputs that the call has no place for. */
  readonly unsent: readonly string[];
}

/**
 * Kinds that the stand-in has no call for, or that are only the provider's. Of access logs it stumbles over the target's policy
 * when that names everybody; without the policy it refuses them, as AWS does.
 * A kind that leaves this list is one more that is tried.
 */
const UNTRIED = [
  'aws:acm/certificateValidation:CertificateValidation',
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup',
  'aws:eks/accessEntry:AccessEntry',
  'aws:eks/accessPolicyAssociation:AccessPolicyAssociation',
  'aws:eks/addon:Addon',
  'aws:eks/podIdentityAssociation:PodIdentityAssociation',
  'aws:iam/rolePoliciesExclusive:RolePoliciesExclusive',
  'aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive',
  'aws:s3/bucketLogging:BucketLogging',
];

async function planned(): Promise<readonly Resource[]> {
  const stack = await engine({ source: PROGRAM, plugins: 'echo' });
  try {
    await stack.up({ env: applyingEcho({ ...stack.env }) });
    const { output } = await stack.pulumi(['stack', 'export', '--show-secrets']);
    const { deployment } = opened(JSON.parse(output)) as { deployment: { resources: (Resource & { urn: string })[] } };
    return deployment.resources
      .filter(({ type }) => type.startsWith('aws:'))
      .map(({ urn, type, id, inputs, outputs }) => ({
        ...{ type, id, inputs, outputs },
        name: urn.split('::').at(-1)!,
      }));
  } finally {
    stack.remove();
  }
}

const RULE = 'vpc/securityGroupIngressRule:SecurityGroupIngressRule';

type Defect = readonly [claim: string, type: string, change: object, says: RegExp];

/** Defects, each by the kind that has it, with what the stand-in says. Each is a further resource beside the good ones. */
const DEFECTS: readonly Defect[] = [
  [
    'a type of server that there is not',
    'ec2/instance:Instance',
    { instanceType: 't3.middling' },
    /InvalidInstanceType/,
  ],
  ['a server without an image', 'ec2/instance:Instance', { ami: 1 }, /ParamValidation/],
  [
    'a card in a subnet that there is not',
    'ec2/networkInterface:NetworkInterface',
    { subnetId: 'subnet-0' },
    /subnet/i,
  ],
  [
    'a key that is no public key',
    'ec2/keyPair:KeyPair',
    { publicKey: 'ssh-ed25519 AAAA', keyName: 'b' },
    /InvalidKeyPair/,
  ],
  [
    'an address for a card that there is not',
    'ec2/eipAssociation:EipAssociation',
    { networkInterfaceId: 'eni-0' },
    /eni-0/,
  ],
  ['a range that is none', RULE, { cidrIpv4: '203.0.113.0/33' }, /InvalidParameter|CIDR/i],
  ['a rule of a group that there is not', RULE, { securityGroupId: 'sg-0' }, /sg-0/],
  ['a rule that is there already', RULE, {}, /InvalidPermission\.Duplicate/],
  ['a disk for a server that there is not', 'ec2/volumeAttachment:VolumeAttachment', { instanceId: 'i-0' }, /i-0/],
  ['a disk whose size is no number', 'ebs/volume:Volume', { size: 'big' }, /ParamValidation/],
  [
    'a session of a minute',
    'iam/role:Role',
    { name: 'b', maxSessionDuration: 60 },
    /ValidationError|MaxSessionDuration/,
  ],
  ['a network that is none', 'ec2/vpc:Vpc', { cidrBlock: '10.1.0.0/40' }, /InvalidParameterValue|CIDR/i],
  ['a subnet outside its network', 'ec2/subnet:Subnet', { cidrBlock: '10.99.0.0/24' }, /InvalidSubnet\.Range/],
  ['a subnet over another', 'ec2/subnet:Subnet', {}, /InvalidSubnet\.Conflict/],
  ['a gateway in a subnet that there is not', 'ec2/natGateway:NatGateway', { subnetId: 'subnet-0' }, /subnet-0/],
  ['a bucket of a name that none may have', 's3/bucket:Bucket', { bucket: 'ab' }, /InvalidBucketName/],
  ['versions of a bucket that there is not', 's3/bucketVersioning:BucketVersioning', { bucket: 'b' }, /NoSuchBucket/],
  ['an alias without its prefix', 'kms/alias:Alias', { name: 'data' }, /alias/i],
  ['an alias that is taken', 'kms/alias:Alias', {}, /AlreadyExists/],
  ['a log group whose name is taken', 'cloudwatch/logGroup:LogGroup', {}, /ResourceAlreadyExists/],
  ['a cluster without subnets', 'eks/cluster:Cluster', { name: 'b', vpcConfig: undefined }, /ParamValidation/],
  ['a cluster whose name is taken', 'eks/cluster:Cluster', {}, /ResourceInUse/],
  [
    'nodes of a cluster that there is not',
    'eks/nodeGroup:NodeGroup',
    { clusterName: 'b' },
    /ResourceNotFound|No cluster/,
  ],
  ['a secret whose name is taken', 'secretsmanager/secret:Secret', {}, /ResourceExists/],
  [
    'a version of a secret that there is not',
    'secretsmanager/secretVersion:SecretVersion',
    { secretId: 'nothing' },
    /ResourceNotFound/,
  ],
];

/** AWS refuses these, and the stand-in does not: what it takes proves little of documents and of sets of values. */
const TAKEN: readonly Defect[] = [
  ['a trust that is no document', 'iam/role:Role', { name: 'c', assumeRolePolicy: '{' }, /^$/],
  ['a role whose name is taken', 'iam/role:Role', {}, /^$/],
  ['a disk in a zone that there is not', 'ebs/volume:Volume', { availabilityZone: 'eu-central-1z' }, /^$/],
  ['a log group kept for 31 days', 'cloudwatch/logGroup:LogGroup', { name: '/b', retentionInDays: 31 }, /^$/],
];

describe('in the stand-in for AWS', lacking === undefined ? {} : { skip: lacking }, () => {
  let told: readonly Told[];
  let good: readonly Told[];
  before(async () => {
    const resources = await planned();
    const defects = [...DEFECTS, ...TAKEN].map(([claim, type, change]) => {
      const one = resources.find((resource) => resource.type === `aws:${type}`)!;
      return { ...one, name: claim, inputs: { ...one.inputs, ...change } };
    });
    const input = JSON.stringify({ region: 'eu-central-1', before: BEFORE, resources: [...resources, ...defects] });
    const PYTHONPATH = await pythonPackages('moto', join(SUPPORT, 'requirements.txt'));
    const command = ['python3', join(SUPPORT, 'stand_in.py')];
    told = JSON.parse(await run(command, { input, env: { PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1' } })) as Told[];
    good = told.slice(0, resources.length);
  });

  test('every resource of the plan can be made, but for kinds that it has no call for', () => {
    const made = good.filter(({ outcome }) => outcome === 'made');
    console.log(
      `    ${made.length} of ${good.length} resources made, ${new Set(made.map(({ type }) => type)).size} kinds`,
    );
    assert.deepEqual(
      good.filter(({ outcome }) => outcome === 'refused').map(({ name, call, says }) => `${name}: ${call}: ${says}`),
      [],
    );
    const untried = good.filter(({ outcome }) => outcome === 'no call').map(({ type }) => type);
    assert.deepEqual([...new Set(untried)].toSorted(), UNTRIED);
  });

  test('every input of what was made has a place in the call', () => {
    const lost = good
      .filter(({ outcome }) => outcome === 'made')
      .flatMap(({ type, unsent }) => unsent.map((one) => `${type} ${one}`));
    // The provider acts on these when it deletes.
    const own = new Set([
      'aws:ec2/volumeAttachment:VolumeAttachment stopInstanceBeforeDetaching',
      'aws:secretsmanager/secret:Secret recoveryWindowInDays',
    ]);
    assert.deepEqual(
      lost.filter((one) => !own.has(one)),
      [],
    );
  });

  for (const [claim, , , says] of DEFECTS) {
    test(`${claim} is refused`, () => {
      const answer = told.find(({ name }) => name === claim)!;
      assert.equal(answer.outcome, 'refused', answer.says);
      assert.match(answer.says, says);
    });
  }

  test('what it takes though AWS would not is known', () => {
    const claims = TAKEN.map(([claim]) => claim);
    const taken = told.filter(({ name, outcome }) => claims.includes(name) && outcome === 'made');
    assert.deepEqual(
      taken.map(({ name }) => name),
      claims,
    );
  });
});
