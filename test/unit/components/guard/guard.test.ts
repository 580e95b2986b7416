import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Guard } from '../../../../components/guard/index.ts';
import { named, planned } from '../../support/mocks.ts';

const made = await planned(
  () =>
    new Guard(
      'guard',
      {
        namespace: 'shop',
        partOf: 'shop',
        podSecurityVersion: 'v1.34',
        places: { api: { pods: { app: 'api' } }, db: { pods: { app: 'db' } } },
        edges: [{ from: 'api', to: 'db', port: 5432 }],
      },
      {},
    ),
);

test('a guard makes the namespace, the closed account, deny-all and two halves an edge, and nothing else', () => {
  assert.deepEqual(
    made.map(({ name }) => name),
    [
      'guard',
      'guard-api-to-db-5432-egress',
      'guard-api-to-db-5432-ingress',
      'guard-default-account',
      'guard-deny-all',
      'guard-namespace',
    ],
  );
});

test('the namespace enforces, warns and audits `restricted` of a stated version', () => {
  const { labels } = named(made, 'guard-namespace').inputs['metadata'] as { labels: Record<string, string> };
  const security = Object.entries(labels).filter(([key]) => key.startsWith('pod-security.kubernetes.io/'));
  assert.deepEqual(Object.fromEntries(security), {
    'pod-security.kubernetes.io/audit': 'restricted',
    'pod-security.kubernetes.io/audit-version': 'v1.34',
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/enforce-version': 'v1.34',
    'pod-security.kubernetes.io/warn': 'restricted',
    'pod-security.kubernetes.io/warn-version': 'v1.34',
  });
});

test('deny-all is for every pod and both directions, and allows nothing', () => {
  assert.deepEqual(named(made, 'guard-deny-all').inputs['spec'], {
    podSelector: {},
    policyTypes: ['Egress', 'Ingress'],
  });
});

test('an egress half allows only egress, an ingress half only ingress', () => {
  const spec = (name: string) => named(made, `guard-api-to-db-5432-${name}`).inputs['spec'];
  const ports = [{ port: 5432, protocol: 'TCP' }];
  assert.deepEqual(spec('egress'), {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ podSelector: { matchLabels: { app: 'db' } } }], ports }],
  });
  assert.deepEqual(spec('ingress'), {
    podSelector: { matchLabels: { app: 'db' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'api' } } }], ports }],
  });
});

test('the account that pods have unless they name another gets no token', () => {
  const { metadata, automountServiceAccountToken } = named(made, 'guard-default-account').inputs;
  assert.equal((metadata as { name: string }).name, 'default');
  assert.equal(automountServiceAccountToken, false);
});
