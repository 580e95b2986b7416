import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { load } from 'js-yaml';
import { Cluster, type ClusterArgs, type Endpoint } from '../../../../infra/eks/index.ts';
import { carrying, named, planned, type Answers, type Made } from '../../support/mocks.ts';

const AWS: Answers = {
  'aws:eks/cluster:Cluster': () => ({
    endpoint: 'https://ABC.eks.amazonaws.com',
    certificateAuthority: { data: 'Q0E=' },
    identities: [{ oidcs: [{ issuer: 'https://oidc.eks.example/id/ABC' }] }],
    vpcConfig: { clusterSecurityGroupId: 'sg-cluster' },
  }),
  'aws:ec2/launchTemplate:LaunchTemplate': () => ({ latestVersion: 7 }),
};

const ARGS: ClusterArgs = {
  clusterName: 'shop-production',
  serviceCidr: '172.20.0.0/16',
  region: 'eu-central-1',
  subnetIds: ['subnet-a', 'subnet-b', 'subnet-c'],
  roleArn: 'arn:cluster',
  nodeRoleArn: 'arn:nodes',
  addonRoles: { network: 'arn:network', volumes: 'arn:volumes' },
  access: { deployer: { principalArn: 'arn:deployer', level: 'clusterAdmin' } },
  nodeGroups: { general: { instanceTypes: ['m6i.large', 'm6a.large'], min: 3, max: 9 } },
  secretsKeyArn: 'arn:key-secrets',
  disksKeyArn: 'arn:key-disks',
  logsKeyArn: 'arn:key-logs',
};

const plan = (change: Partial<ClusterArgs> = {}): Promise<readonly Made[]> =>
  planned(() => new Cluster('k8s', { ...ARGS, ...change }, {}), AWS);

const kubeconfigOf = async (change: Partial<ClusterArgs> = {}): Promise<string> => {
  let text = '';
  await planned(() => {
    new Cluster('k8s', { ...ARGS, ...change }, {}).kubeconfig.apply((known) => (text = known));
  }, AWS);
  return text;
};

describe('the control plane', () => {
  test('the API server answers inside its network only', async () => {
    const { vpcConfig } = named(await plan(), 'k8s-cluster').inputs;
    assert.deepEqual(vpcConfig, {
      subnetIds: ['subnet-a', 'subnet-b', 'subnet-c'],
      endpointPrivateAccess: true,
      endpointPublicAccess: false,
    });
  });

  test('from outside only stated addresses may ask, and it answers inside as well', async () => {
    const { vpcConfig } = named(
      await plan({ endpoint: { publicFrom: ['203.0.113.7/32', '198.51.100.0/24'] } }),
      'k8s-cluster',
    ).inputs as { vpcConfig: Record<string, unknown> };
    assert.equal(vpcConfig['endpointPrivateAccess'], true);
    assert.equal(vpcConfig['endpointPublicAccess'], true);
    assert.deepEqual(vpcConfig['publicAccessCidrs'], ['198.51.100.0/24', '203.0.113.7/32']);
  });

  test('Secrets are encrypted with the given key', async () => {
    assert.deepEqual(named(await plan(), 'k8s-cluster').inputs['encryptionConfig'], {
      provider: { keyArn: 'arn:key-secrets' },
      resources: ['secrets'],
    });
  });

  test('all five logs go into an encrypted group, which stands before the cluster', async () => {
    const made = await plan();
    const group = named(made, 'k8s-logs');
    const cluster = named(made, 'k8s-cluster');
    assert.deepEqual(cluster.inputs['enabledClusterLogTypes'], [
      'api',
      'audit',
      'authenticator',
      'controllerManager',
      'scheduler',
    ]);
    assert.deepEqual(group.inputs, {
      name: '/aws/eks/shop-production/cluster',
      kmsKeyId: 'arn:key-logs',
      retentionInDays: 90,
    });
    assert.ok(group.nth < cluster.nth);
  });

  test('version, upgrade policy and deletion protection are stated', async () => {
    const { version, upgradePolicy, deletionProtection } = named(await plan(), 'k8s-cluster').inputs;
    assert.deepEqual(
      { version, upgradePolicy, deletionProtection },
      { version: '1.34', upgradePolicy: { supportType: 'STANDARD' }, deletionProtection: true },
    );
  });
});

describe('access', () => {
  test('entries of EKS let in who is named and nobody else, not even who makes the cluster', async () => {
    const made = await plan({
      access: { ...ARGS.access, reader: { principalArn: 'arn:reader', level: 'view', namespaces: ['b', 'a'] } },
    });
    assert.deepEqual(named(made, 'k8s-cluster').inputs['accessConfig'], {
      authenticationMode: 'API',
      bootstrapClusterCreatorAdminPermissions: false,
    });
    assert.deepEqual(named(made, 'k8s-access-deployer-clusteradmin').inputs, {
      clusterName: 'shop-production',
      principalArn: 'arn:deployer',
      policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
      accessScope: { type: 'cluster' },
    });
    assert.deepEqual(named(made, 'k8s-access-reader-view').inputs['accessScope'], {
      type: 'namespace',
      namespaces: ['a', 'b'],
    });
  });

  test('the kubeconfig asks for a token each time and holds none', async () => {
    const config = load(await kubeconfigOf()) as {
      clusters: { cluster: object }[];
      users: { user: { exec: { command: string; args: string[] } } }[];
    };
    assert.deepEqual(config.clusters[0]!.cluster, {
      server: 'https://ABC.eks.amazonaws.com',
      'certificate-authority-data': 'Q0E=',
    });
    const { exec, ...rest } = config.users[0]!.user;
    assert.deepEqual(rest, {});
    assert.equal(exec.command, 'aws');
    assert.deepEqual(exec.args.slice(0, 6), [
      '--region',
      'eu-central-1',
      'eks',
      'get-token',
      '--cluster-name',
      'shop-production',
    ]);
  });
});

describe('nodes', () => {
  test('metadata need a token and do not reach pods (IMDSv2, one hop)', async () => {
    assert.deepEqual(named(await plan(), 'k8s-general-template').inputs['metadataOptions'], {
      httpEndpoint: 'enabled',
      httpTokens: 'required',
      httpPutResponseHopLimit: 1,
      instanceMetadataTags: 'disabled',
    });
  });

  test('disks are encrypted gp3, and no node has a public address', async () => {
    const { blockDeviceMappings, networkInterfaces } = named(await plan(), 'k8s-general-template').inputs;
    assert.deepEqual(blockDeviceMappings, [
      {
        deviceName: '/dev/xvda',
        ebs: {
          volumeType: 'gp3',
          iops: 3000,
          throughput: 125,
          volumeSize: 50,
          encrypted: 'true',
          kmsKeyId: 'arn:key-disks',
          deleteOnTermination: 'true',
        },
      },
    ]);
    assert.deepEqual(networkInterfaces, [
      {
        deviceIndex: 0,
        associatePublicIpAddress: 'false',
        deleteOnTermination: 'true',
        securityGroups: ['sg-cluster'],
      },
    ]);
  });

  test('a group follows the cluster’s version over all its zones, and is updated node by node', async () => {
    const { inputs } = named(await plan(), 'k8s-general-group');
    assert.equal(inputs['version'], '1.34');
    assert.equal(inputs['amiType'], 'AL2023_x86_64_STANDARD');
    assert.deepEqual(inputs['subnetIds'], ['subnet-a', 'subnet-b', 'subnet-c']);
    assert.deepEqual(inputs['scalingConfig'], { minSize: 3, maxSize: 9, desiredSize: 3 });
    assert.deepEqual(inputs['updateConfig'], { maxUnavailable: 1 });
    assert.deepEqual(inputs['launchTemplate'], { id: 'k8s-general-template-id', version: '7' });
  });

  test('the number of nodes follows what is stated: AWS takes no least number above what there are', async () => {
    const count = carrying('ignoreChanges');
    await planned(() => new Cluster('k8s', ARGS, count.options), AWS);
    assert.deepEqual(count.found, []);
    const more = { general: { instanceTypes: ['m6i.large'], min: 5, max: 9 } };
    const { inputs } = named(await plan({ nodeGroups: more }), 'k8s-general-group');
    assert.deepEqual(inputs['scalingConfig'], { minSize: 5, maxSize: 9, desiredSize: 5 });
  });

  test('other instance types make a group of another name, which can stand beside the old one', async () => {
    const group = async (instanceTypes: string[]): Promise<unknown> =>
      named(await plan({ nodeGroups: { general: { instanceTypes, min: 3, max: 9 } } }), 'k8s-general-group').inputs[
        'nodeGroupName'
      ];
    assert.notEqual(await group(['m6i.large']), await group(['m7i.large']));
    assert.equal(await group(['m6i.large']), await group(['m6i.large']));
  });
});

describe('who asks the API server', () => {
  const doors = async (endpoint: Endpoint) =>
    (await plan({ endpoint }))
      .filter(({ type }) => type === 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule')
      .map(({ name, inputs }) => [
        name,
        inputs['securityGroupId'],
        inputs['cidrIpv4'],
        inputs['fromPort'],
        inputs['toPort'],
      ]);

  test('inside the network each stated range may, at its port alone; EKS itself lets in the nodes only', async () => {
    assert.deepEqual(await doors({ privateFrom: ['10.64.0.0/16', '10.0.48.0/24'] }), [
      ['k8s-from-10.0.48.0-24', 'sg-cluster', '10.0.48.0/24', 443, 443],
      ['k8s-from-10.64.0.0-16', 'sg-cluster', '10.64.0.0/16', 443, 443],
    ]);
    assert.deepEqual(await doors({}), []);
  });

  test('not even inside is it everybody', async () => {
    await assert.rejects(
      plan({ endpoint: { privateFrom: ['0.0.0.0/0'] } }),
      /endpoint\.privateFrom\[0\]: found "0\.0\.0\.0\/0"/,
    );
  });
});

describe('add-ons', () => {
  test('six are there in stated versions, and what the program says wins', async () => {
    const found = (await plan()).filter(({ type }) => type === 'aws:eks/addon:Addon');
    assert.deepEqual(
      found.map(({ inputs }) => inputs['addonName']),
      ['aws-ebs-csi-driver', 'coredns', 'eks-pod-identity-agent', 'kube-proxy', 'metrics-server', 'vpc-cni'],
    );
    for (const { inputs } of found) {
      assert.match(inputs['addonVersion'] as string, /^v\d+\.\d+\.\d+-eksbuild\.\d+$/);
      assert.equal(inputs['resolveConflictsOnCreate'], 'OVERWRITE');
      assert.equal(inputs['resolveConflictsOnUpdate'], 'OVERWRITE');
    }
  });

  test('network policies are enforced', async () => {
    const { configurationValues } = named(await plan(), 'k8s-addon-vpc-cni').inputs;
    assert.deepEqual(JSON.parse(configurationValues as string), { enableNetworkPolicy: 'true' });
  });

  test('the two that call AWS have roles of their own, not the nodes’', async () => {
    const made = await plan();
    assert.deepEqual(named(made, 'k8s-addon-vpc-cni').inputs['podIdentityAssociations'], [
      { serviceAccount: 'aws-node', roleArn: 'arn:network' },
    ]);
    assert.deepEqual(named(made, 'k8s-addon-aws-ebs-csi-driver').inputs['podIdentityAssociations'], [
      { serviceAccount: 'ebs-csi-controller-sa', roleArn: 'arn:volumes' },
    ]);
  });

  test('the network is there before the nodes, and DNS after them', async () => {
    const made = await plan();
    const nth = (name: string): number => named(made, name).nth;
    for (const first of ['vpc-cni', 'kube-proxy', 'eks-pod-identity-agent'])
      assert.ok(nth(`k8s-addon-${first}`) < nth('k8s-general-group'), first);
    for (const last of ['coredns', 'metrics-server', 'aws-ebs-csi-driver'])
      assert.ok(nth(`k8s-addon-${last}`) > nth('k8s-general-group'), last);
  });

  test('OpenID Connect is there where it is asked for', async () => {
    const provider = (made: readonly Made[]): Made | undefined => made.find(({ name }) => name === 'k8s-oidc');
    assert.equal(provider(await plan()), undefined);
    assert.deepEqual(provider(await plan({ oidc: true }))!.inputs, {
      url: 'https://oidc.eks.example/id/ABC',
      clientIdLists: ['sts.amazonaws.com'],
    });
  });
});

describe('refused', () => {
  const cases: readonly (readonly [string, Partial<ClusterArgs>, RegExp])[] = [
    [
      'an API server for the whole internet',
      { endpoint: { publicFrom: ['0.0.0.0/0'] } },
      /endpoint\.publicFrom\[0\]: found "0\.0\.0\.0\/0"; wanted the API server from stated addresses/,
    ],
    ['half the internet', { endpoint: { publicFrom: ['128.0.0.0/1'] } }, /publicFrom\[0\]: found "128\.0\.0\.0\/1"/],
    ['a list of nobody, which AWS takes for everybody', { endpoint: { publicFrom: [] } }, /an empty list/],
    ['a patch version', { version: '1.34.2' }, /ClusterArgs\.version: found "1\.34\.2"/],
    [
      'a kube-proxy of another version than the cluster’s',
      { version: '1.35' },
      /addonVersions\.kube-proxy: found "v1\.34.*wanted a build for Kubernetes 1\.35/,
    ],
    [
      'a cluster that nobody may administer',
      { access: { reader: { principalArn: 'arn:reader', level: 'view' } } },
      /ClusterArgs\.access: found \["reader"\]; wanted one principal with "clusterAdmin"/,
    ],
    ['a cluster without nodes', { nodeGroups: {} }, /ClusterArgs\.nodeGroups: found none/],
    [
      'sizes that contradict each other',
      { nodeGroups: { general: { instanceTypes: ['m6i.large'], min: 3, max: 2 } } },
      /nodeGroups\.general\.min: found min 3, max 2/,
    ],
  ];
  for (const [what, change, message] of cases) test(what, () => assert.rejects(plan(change), message));
});
