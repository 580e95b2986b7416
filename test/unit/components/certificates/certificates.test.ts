import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Acme, Authority, serviceNames, ServerCertificate } from '../../../../components/certificates/index.ts';
import { lifetime } from '../../../../components/certificates/lifetime.ts';
import { named, planned } from '../../support/mocks.ts';

const COMMON = { namespace: 'shop', partOf: 'shop' };
const EDGE = {
  ...COMMON,
  secretName: 'edge-tls',
  names: ['b.example.com', 'a.example.com'],
  issuer: { name: 'acme', kind: 'Issuer' as const },
};
const specOf = async (build: () => unknown, name: string) =>
  named(await planned(build), name).inputs['spec'] as Record<string, any>;
const certificate = (over: object = {}) =>
  specOf(() => new ServerCertificate('edge', { ...EDGE, ...over }, {}), 'edge-certificate');

test('a certificate asks for its names, and for a new key with each renewal', async () => {
  assert.deepEqual(await certificate(), {
    secretName: 'edge-tls',
    dnsNames: ['a.example.com', 'b.example.com'],
    duration: '2160h0m0s',
    privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
    usages: ['digital signature', 'key encipherment', 'server auth'],
    revisionHistoryLimit: 2,
    issuerRef: { name: 'acme', kind: 'Issuer', group: 'cert-manager.io' },
  });
});

test('the order of the names is no change, another name is another subject', async () => {
  const subject = async (names: string[]) => {
    const made = await planned(() => new ServerCertificate('edge', { ...EDGE, names }, {}));
    const { annotations } = named(made, 'edge-certificate').inputs['metadata'] as { annotations: object };
    return (annotations as Record<string, string>)['platform/subject'];
  };
  assert.equal(await subject(['a.example.com', 'b.example.com']), await subject(['b.example.com', 'a.example.com']));
  assert.notEqual(await subject(['a.example.com']), await subject(['c.example.com']));
});

test('what cert-manager would refuse is refused before, all of it at once', async () => {
  await assert.rejects(certificate({ names: [], lifetime: '30m', renewBefore: '45m' }), (error: Error) => {
    assert.match(error.message, /names: found none; wanted at least one name/);
    assert.match(error.message, /lifetime: found "30m"; wanted at least 1h/);
    assert.match(error.message, /renewBefore: found "45m"; wanted at least 5m, and less than the lifetime of 30m/);
    return true;
  });
  assert.equal((await certificate({ lifetime: '2h', renewBefore: '30m' }))['renewBefore'], '0h30m0s');
});

test('the authority keeps its key, so that what it has signed stays trusted', async () => {
  const made = await planned(() => new Authority('authority', COMMON, {}));
  const spec = named(made, 'authority-ca').inputs['spec'] as Record<string, any>;
  assert.equal(spec['isCA'], true);
  assert.equal(spec['privateKey'].rotationPolicy, 'Never');
  assert.deepEqual(spec['issuerRef'], { name: 'authority-root', kind: 'Issuer', group: 'cert-manager.io' });
  assert.deepEqual(named(made, 'authority-issuer').inputs['spec'], { ca: { secretName: 'authority-ca' } });
});

const ACME = { ...COMMON, server: 'https://acme.example.com/directory', email: 'a@example.com' };

test('HTTP-01 names a class that only who serves it takes up', async () => {
  const http = { ...ACME, solver: { kind: 'http01', ingressClass: 'platform-edge' } } as const;
  const { acme } = await specOf(() => new Acme('acme', http, {}), 'acme-issuer');
  assert.equal(acme.server, ACME.server);
  assert.equal(acme.privateKeySecretRef.name, 'acme-account');
  assert.equal(acme.solvers[0].http01.ingress.ingressClassName, 'platform-edge');
  assert.equal('caBundle' in acme, false);
});

test('DNS-01 takes a role by the token of an account of its own; no key is stored', async () => {
  const route53 = { region: 'us-east-1', hostedZoneId: 'Z1', role: 'arn:aws:iam::1:role/dns', account: 'dns' };
  const args = { ...ACME, solver: { kind: 'dns01', ...route53 } } as const;
  const made = await planned(() => new Acme('acme', args, {}));
  const { acme } = named(made, 'acme-issuer').inputs['spec'] as Record<string, any>;
  assert.deepEqual(acme.solvers[0].dns01.route53, {
    region: 'us-east-1',
    hostedZoneID: 'Z1',
    role: 'arn:aws:iam::1:role/dns',
    auth: { kubernetes: { serviceAccountRef: { name: 'dns' } } },
  });
  const account = named(made, 'acme-account').inputs as { metadata: { name: string } };
  assert.equal(account.metadata.name, 'dns');
});

test('an ACME server is spoken to over TLS only', async () => {
  const args = { ...ACME, server: 'http://acme.example.com', solver: { kind: 'http01', ingressClass: 'x' } } as const;
  await assert.rejects(
    planned(() => new Acme('acme', args, {})),
    /wanted the https address of an ACME directory/,
  );
});

test('durations are spelled as the API server gives them back', () => {
  assert.deepEqual((['90d', '90m', '3661s', '1500ms'] as const).map(lifetime), [
    '2160h0m0s',
    '1h30m0s',
    '1h1m1s',
    '0h0m2s',
  ]);
});

test('a server is certified under every name of its Services, of its members, and of itself', () => {
  assert.deepEqual(serviceNames('shop', ['redis'], 'redis-members'), [
    ...['redis', 'redis.shop', 'redis.shop.svc', 'redis.shop.svc.cluster.local'],
    ...['redis-members', 'redis-members.shop', 'redis-members.shop.svc', 'redis-members.shop.svc.cluster.local'].map(
      (name) => `*.${name}`,
    ),
    'localhost',
  ]);
});
