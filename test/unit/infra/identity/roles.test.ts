import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ServiceRole,
  trustPods,
  trustService,
  trustToken,
  unseal,
  WorkloadRole,
  type WorkloadRoleArgs,
} from '../../../../infra/identity/index.ts';
import { named, planned } from '../../support/mocks.ts';
import { decide } from './evaluate.ts';
import { PLACE } from './table.ts';

const ARGS: WorkloadRoleArgs = {
  place: PLACE,
  roleName: 'shop-vault',
  description: 'Vault opens its seal',
  policy: unseal('arn:aws:kms:us-east-1:111122223333:key/mine'),
  namespace: 'shop',
  serviceAccount: 'vault',
  taken: { by: 'pod-identity', cluster: 'shop' },
};
const plan = (change: Partial<WorkloadRoleArgs> = {}) =>
  planned(() => new WorkloadRole('vault', { ...ARGS, ...change }, {}));
const EKS = { kind: 'Service', id: 'pods.eks.amazonaws.com' } as const;
const session = (change: Record<string, string> = {}) => ({
  'aws:SourceAccount': '111122223333',
  'aws:RequestTag/eks-cluster-arn': 'arn:aws:eks:us-east-1:111122223333:cluster/shop',
  'aws:RequestTag/kubernetes-namespace': 'shop',
  'aws:RequestTag/kubernetes-service-account': 'vault',
  ...change,
});

test('a role is taken by the pods of one account of one namespace of one cluster, and by nobody else', () => {
  const trust = trustPods(PLACE, 'shop', ARGS);
  const ask = (context: Record<string, string>, principal: { kind: 'Service' | 'AWS'; id: string } = EKS) =>
    decide(trust, { action: 'sts:AssumeRole', context, principal });
  assert.equal(ask(session()), 'allowed');
  for (const other of [
    { 'aws:RequestTag/kubernetes-service-account': 'default' },
    { 'aws:RequestTag/kubernetes-namespace': 'elsewhere' },
    { 'aws:RequestTag/eks-cluster-arn': 'arn:aws:eks:us-east-1:111122223333:cluster/other' },
    { 'aws:SourceAccount': '444455556666' },
  ]) {
    assert.equal(ask(session(other)), 'not allowed', JSON.stringify(other));
  }
  assert.equal(ask({}), 'not allowed', 'a session without tags');
  assert.equal(ask(session(), { kind: 'AWS', id: 'arn:aws:iam::111122223333:role/admin' }), 'not allowed');
});

test('a token’s role is taken by one account’s token made for STS', () => {
  const issuer = { providerArn: 'arn:aws:iam::111122223333:oidc-provider/oidc.example/id/A', url: 'oidc.example/id/A' };
  const principal = { kind: 'Federated', id: issuer.providerArn } as const;
  for (const url of [issuer.url, `https://${issuer.url}`]) {
    const trust = trustToken({ ...issuer, url }, ARGS);
    const ask = (sub: string, aud = 'sts.amazonaws.com') =>
      decide(trust, {
        action: 'sts:AssumeRoleWithWebIdentity',
        principal,
        context: { 'oidc.example/id/A:sub': sub, 'oidc.example/id/A:aud': aud },
      });
    assert.equal(ask('system:serviceaccount:shop:vault'), 'allowed');
    assert.equal(ask('system:serviceaccount:shop:default'), 'not allowed');
    assert.equal(ask('system:serviceaccount:shop:vault', 'kubernetes'), 'not allowed');
  }
});

test('a service takes its role only at work for what it was made for', () => {
  const trust = trustService(PLACE, 'vpc-flow-logs.amazonaws.com', 'arn:aws:ec2:us-east-1:111122223333:vpc-flow-log/*');
  const ask = (arn: string, account = '111122223333') =>
    decide(trust, {
      action: 'sts:AssumeRole',
      principal: { kind: 'Service', id: 'vpc-flow-logs.amazonaws.com' },
      context: { 'aws:SourceArn': arn, 'aws:SourceAccount': account },
    });
  assert.equal(ask('arn:aws:ec2:us-east-1:111122223333:vpc-flow-log/fl-1'), 'allowed');
  assert.equal(ask('arn:aws:ec2:us-east-1:444455556666:vpc-flow-log/fl-1', '444455556666'), 'not allowed');
});

test('a workload has one role with one policy, and nothing that others attach stays', async () => {
  const made = await plan();
  const { inputs } = named(made, 'vault-role');
  assert.equal(inputs['name'], 'shop-vault');
  assert.deepEqual(JSON.parse(inputs['assumeRolePolicy'] as string).Statement[0].Principal, {
    Service: 'pods.eks.amazonaws.com',
  });
  assert.deepEqual(named(made, 'vault-role-policies').inputs['policyNames'], ['shop-vault']);
  assert.deepEqual(named(made, 'vault-role-attachments').inputs['policyArns'], []);
  const { clusterName, namespace, serviceAccount } = named(made, 'vault-association').inputs;
  assert.deepEqual([clusterName, namespace, serviceAccount], ['shop', 'shop', 'vault']);
});

test('a role by token has no association', async () => {
  const issuer = { providerArn: 'arn:aws:iam::111122223333:oidc-provider/oidc.example', url: 'https://oidc.example' };
  const made = await plan({ taken: { by: 'token', issuer } });
  assert.deepEqual(
    made.map(({ name }) => name),
    ['vault', 'vault-role', 'vault-role-attachments', 'vault-role-policies', 'vault-role-policy'],
  );
  assert.match(named(made, 'vault-role').inputs['assumeRolePolicy'] as string, /"oidc\.example:sub":"system:/);
});

test('what AWS demands is attached and listed, in one order; a boundary bounds', async () => {
  const managed = ['B', 'A'].map((name) => `arn:aws:iam::aws:policy/${name}`);
  const made = await planned(
    () =>
      new ServiceRole(
        'control',
        {
          ...{ place: PLACE, roleName: 'shop-control', description: 'x', service: 'eks.amazonaws.com', managed },
          boundary: 'arn:aws:iam::111122223333:policy/bound',
        },
        {},
      ),
  );
  assert.equal(named(made, 'control-role').inputs['permissionsBoundary'], 'arn:aws:iam::111122223333:policy/bound');
  assert.deepEqual(named(made, 'control-role-attachments').inputs['policyArns'], managed.toSorted());
  assert.deepEqual(named(made, 'control-role-policies').inputs['policyNames'], []);
  assert.equal(named(made, 'control-role-A').inputs['policyArn'], 'arn:aws:iam::aws:policy/A');
});

test('a name that AWS would refuse is refused before', async () => {
  await assert.rejects(plan({ roleName: `shop-${'x'.repeat(60)}` }), /Role "vault-role".*\n.*roleName: .*at most 64/);
});

test('a policy longer than AWS takes is refused, with what to do', async () => {
  const policy = Array.from({ length: 200 }, (_, index) => ({
    sid: `Key${index}`,
    actions: ['kms:Decrypt'] as const,
    resources: [`arn:aws:kms:us-east-1:111122223333:key/${index}`],
  }));
  await assert.rejects(plan({ policy }), /Role "shop-vault".*\n.*policy: found \d+ characters; wanted at most 10240/);
});
