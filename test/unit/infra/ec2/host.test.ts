import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Host, type HostArgs } from '../../../../infra/ec2/index.ts';
import { carrying, named, planned, type Answers, type Made } from '../../support/mocks.ts';

const AWS: Answers = {
  'aws:ec2/eip:Eip': () => ({ publicIp: '198.51.100.9', allocationId: 'eipalloc-1' }),
  'aws:ec2/keyPair:KeyPair': () => ({}),
};

const ARGS: HostArgs = {
  hostName: 'tria-aibpo-staging',
  imageId: 'ami-0123456789abcdef0',
  vpcId: 'vpc-1',
  subnetId: 'subnet-public-a',
  zone: 'us-east-1a',
  instanceProfile: 'tria-aibpo-staging',
  key: { name: 'tria' },
  firewall: { sshFrom: ['203.0.113.7/32'], metricsFrom: ['198.51.100.4/32'] },
  data: { size: 100 },
  kmsKeyArn: 'arn:key',
  userData: (volume) => volume.apply((id) => `#!/bin/sh\n# ${id}\n`),
};

const plan = (change: Partial<HostArgs> = {}): Promise<readonly Made[]> =>
  planned(() => new Host('tria', { ...ARGS, ...change }, {}), AWS);

/** Port and range of each rule inwards. */
const inwards = (made: readonly Made[]): string[] =>
  made
    .filter(({ type }) => type === 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule')
    .map(({ inputs }) => {
      assert.equal(inputs['fromPort'], inputs['toPort']);
      assert.equal(inputs['ipProtocol'], 'tcp');
      return `${String(inputs['fromPort'])} ${String(inputs['cidrIpv4'])}`;
    })
    .toSorted((a, b) => Number.parseInt(a) - Number.parseInt(b));

describe('the instance', () => {
  test('is of the stated size, image and key, and is watched by the minute', async () => {
    const { inputs } = named(await plan(), 'tria-server');
    assert.equal(inputs['instanceType'], 't3.medium');
    assert.equal(inputs['ami'], 'ami-0123456789abcdef0');
    assert.equal(inputs['keyName'], 'tria');
    assert.equal(inputs['iamInstanceProfile'], 'tria-aibpo-staging');
    assert.equal(inputs['monitoring'], true);
  });

  test('gives its metadata to a token only, and to no container (IMDSv2, one hop)', async () => {
    assert.deepEqual(named(await plan(), 'tria-server').inputs['metadataOptions'], {
      httpEndpoint: 'enabled',
      httpTokens: 'required',
      httpPutResponseHopLimit: 1,
      instanceMetadataTags: 'disabled',
    });
  });

  test('both disks are encrypted gp3 of 3000 operations a second with the given key', async () => {
    const made = await plan();
    const root = named(made, 'tria-server').inputs['rootBlockDevice'] as Record<string, unknown>;
    const data = named(made, 'tria-data').inputs;
    assert.deepEqual(
      [root['encrypted'], root['kmsKeyId'], root['volumeType'], root['iops'], root['volumeSize']],
      [...[true, 'arn:key', 'gp3', 3000, 30]],
    );
    assert.deepEqual(
      [data['encrypted'], data['kmsKeyId'], data['type'], data['iops'], data['size']],
      [...[true, 'arn:key', 'gp3', 3000, 100]],
    );
    assert.equal(data['availabilityZone'], 'us-east-1a');
    assert.equal(data['finalSnapshot'], true);
  });

  test('new user data start it anew and replace nothing; it knows the data disk by its id', async () => {
    const { inputs } = named(await plan(), 'tria-server');
    assert.equal(inputs['userDataReplaceOnChange'], false);
    assert.equal(inputs['userData'], '#!/bin/sh\n# tria-data-id\n');
  });

  test('has its address before it boots, and the disk after', async () => {
    const made = await plan();
    const nth = (name: string): number => named(made, name).nth;
    assert.ok(nth('tria-address-plug') < nth('tria-server'));
    // It names neither the address nor its plug: only a wish to wait puts them in this order.
    const { found, options } = carrying('dependsOn');
    await planned(() => new Host('tria', ARGS, options), AWS);
    assert.deepEqual(found, ['tria-server']);
    assert.ok(nth('tria-server') < nth('tria-data-plug'));
    assert.deepEqual(named(made, 'tria-server').inputs['primaryNetworkInterface'], {
      networkInterfaceId: 'tria-card-id',
    });
    assert.equal(named(made, 'tria-data-plug').inputs['stopInstanceBeforeDetaching'], true);
  });

  test('a public key makes the pair under the stated name; without one the account has it', async () => {
    assert.ok(!(await plan()).some(({ name }) => name === 'tria-key'));
    const made = await plan({ key: { name: 'tria', publicKey: 'ssh-ed25519 AAAAC3 me@here' } });
    assert.equal(named(made, 'tria-key').inputs['keyName'], 'tria');
    assert.equal(named(made, 'tria-key').inputs['publicKey'], 'ssh-ed25519 AAAAC3 me@here');
  });

  test('what holds data, or an address that others know, is protected; AWS refuses to end the instance', async () => {
    for (const [protect, wanted] of [
      [true, ['tria-address', 'tria-data', 'tria-server']],
      [false, []],
    ] as const) {
      const { found, options } = carrying('protect');
      const made = await planned(() => new Host('tria', { ...ARGS, protect }, options), AWS);
      assert.deepEqual(found.toSorted(), wanted);
      assert.equal(named(made, 'tria-server').inputs['disableApiTermination'], protect);
    }
  });

  test('its public address is an output', async () => {
    let ip = '';
    await planned(() => {
      new Host('tria', ARGS, {}).publicIp.apply((known) => (ip = known));
    }, AWS);
    assert.equal(ip, '198.51.100.9');
  });
});

describe('the firewall', () => {
  test('lets SSH in from the stated addresses, the web from everywhere, metrics from Prometheus alone', async () => {
    assert.deepEqual(inwards(await plan()), [
      '22 203.0.113.7/32',
      '80 0.0.0.0/0',
      '443 0.0.0.0/0',
      '9100 198.51.100.4/32',
    ]);
  });

  test('nothing but the web is open to 0.0.0.0/0', async () => {
    const firewall = { ...ARGS.firewall, backendFrom: ['192.0.2.0/24'] };
    const open = inwards(await plan({ firewall })).filter((rule) => rule.endsWith(' 0.0.0.0/0'));
    assert.deepEqual(open, ['80 0.0.0.0/0', '443 0.0.0.0/0']);
  });

  test('the doors of the web are where the stack has put them', async () => {
    const firewall = { ...ARGS.firewall, web: { http: 8080, https: 8443 } };
    const open = inwards(await plan({ firewall })).filter((rule) => rule.endsWith(' 0.0.0.0/0'));
    assert.deepEqual(open, ['8080 0.0.0.0/0', '8443 0.0.0.0/0']);
    const plain = inwards(await plan({ firewall: { ...ARGS.firewall, web: { http: 443 } } }));
    assert.deepEqual(
      plain.filter((rule) => rule.endsWith(' 0.0.0.0/0')),
      ['443 0.0.0.0/0'],
    );
  });

  test('8003 is open where that is set, from where that is set', async () => {
    const rules = inwards(await plan({ firewall: { ...ARGS.firewall, backendFrom: ['192.0.2.0/24'] } }));
    assert.ok(rules.includes('8003 192.0.2.0/24'));
    assert.equal(rules.length, 5);
  });

  test('one more address is one more rule, and leaves the others as they are', async () => {
    const rules = async (sshFrom: string[]) =>
      (await plan({ firewall: { ...ARGS.firewall, sshFrom } }))
        .filter(({ type }) => type.includes('securityGroupIngressRule'))
        .map(({ name, inputs }) => JSON.stringify([name, inputs]));
    const [few, more] = [await rules(['203.0.113.7/32']), await rules(['203.0.113.9/32', '203.0.113.7/32'])];
    assert.equal(more.length, few.length + 1);
    for (const rule of few) assert.ok(more.includes(rule), rule);
  });
});

describe('refused', () => {
  const open = (change: Partial<HostArgs['firewall']>): Partial<HostArgs> => ({
    firewall: { ...ARGS.firewall, ...change },
  });
  const cases: readonly (readonly [string, Partial<HostArgs>, RegExp])[] = [
    [
      'SSH from 0.0.0.0/0',
      open({ sshFrom: ['0.0.0.0/0'] }),
      /HostArgs\.firewall\.sshFrom\[0\]: found "0\.0\.0\.0\/0"; wanted SSH from stated addresses/,
    ],
    ['SSH from half of it', open({ sshFrom: ['0.0.0.0/1'] }), /sshFrom\[0\]: found "0\.0\.0\.0\/1"/],
    ['the backend for everybody', open({ backendFrom: ['0.0.0.0/0'] }), /backendFrom\[0\]/],
    ['metrics for everybody', open({ metricsFrom: ['0.0.0.0/0'] }), /metricsFrom\[0\]/],
    ['an address that is none', open({ sshFrom: ['YOUR_IP/32'] }), /sshFrom\[0\]: found "YOUR_IP\/32"/],
    ['bits behind the prefix', open({ sshFrom: ['10.1.2.3/8'] }), /sshFrom\[0\]: found "10\.1\.2\.3\/8"/],
    ['an image by name', { imageId: 'ubuntu-22.04' }, /HostArgs\.imageId: found "ubuntu-22\.04"/],
    ['a small root disk', { rootSize: 8 }, /HostArgs\.rootSize: found 8 GiB/],
  ];
  for (const [what, change, message] of cases) test(what, () => assert.rejects(plan(change), message));

  test('a private key in the place of the public one, without showing it', () =>
    assert.rejects(
      plan({ key: { name: 'tria', publicKey: '-----BEGIN OPENSSH PRIVATE KEY-----b3Blb' } }),
      (error: Error) => {
        assert.match(error.message, /HostArgs\.key\.publicKey: found a text that is no public key/);
        assert.doesNotMatch(error.message, /b3Blb/);
        return true;
      },
    ));
});
