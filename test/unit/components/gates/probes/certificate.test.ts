import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { judge, notReady, type IssuedCertificate } from '../../../../../components/gates/probes/certificate.ts';

/** For a.example and B.example, by "test authority", serial 1234, for a hundred years. Its key is nowhere. */
const CERTIFICATE = new X509Certificate(`
-----BEGIN CERTIFICATE-----
MIIBmDCCAT6gAwIBAgICEjQwCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOdGVzdCBh
dXRob3JpdHkwIBcNMjYxMTIxMTYwMzU3WhgPMjEyNjEwMjgxNjAzNTdaMBkxFzAV
BgNVBAMMDnRlc3QgYXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
vBSCF2h1169TwaCONTjGVjEOrejQH6lkMfkWQMNojOn+g+BodbjvIj92/kIoY3q1
yjJ7IPXuT3O/T42K0cv0NqN0MHIwHQYDVR0OBBYEFGn3zkmCONQUHRCrA0X1WjKV
LdtyMB8GA1UdIwQYMBaAFGn3zkmCONQUHRCrA0X1WjKVLdtyMA8GA1UdEwEB/wQF
MAMBAf8wHwYDVR0RBBgwFoIJYS5leGFtcGxlgglCLmV4YW1wbGUwCgYIKoZIzj0E
AwIDSAAwRQIgflVSxdUm2JXPflmysZnMEhKfjqwtIkKEuSu/aaE6nT0CIQCIn4Gy
3cGVjPa2OGUQHcjOrh76gRP7XwT7tWyzkaG99g==
-----END CERTIFICATE-----
`);
const NOW = Date.parse(CERTIFICATE.validFrom) + 60_000;

const ready = (status: string, observedGeneration = 2) => ({
  type: 'Ready',
  status,
  observedGeneration,
  message: 'said',
});
const certificate = (over: Partial<IssuedCertificate> = {}): IssuedCertificate => ({
  metadata: { name: 'edge', generation: 2, annotations: { 'platform/subject': 'wanted' } },
  spec: { secretName: 'edge-tls', dnsNames: ['a.example', 'b.example'] },
  status: { conditions: [ready('True')] },
  ...over,
});

test('a certificate that is issued as its newest spec asks is looked at', () => {
  assert.equal(notReady(certificate(), 'wanted'), undefined);
});

test('another subject than the wanted one, or none, is an error', () => {
  assert.deepEqual(notReady(certificate(), 'newer')?.reasons, [
    'what is live is not the subject: Certificate edge carries wanted; wanted newer',
  ]);
  assert.equal(notReady(certificate(), undefined)?.verdict, 'error');
  const bare = certificate({ metadata: { name: 'edge', generation: 2 } });
  assert.equal(notReady(bare, 'wanted')?.verdict, 'error');
});

test('a condition about an older spec, or none at all, decides nothing', () => {
  for (const status of [{ conditions: [ready('True', 1)] }, { conditions: [] }, undefined]) {
    assert.equal(notReady({ ...certificate(), ...{ status: status! } }, 'wanted')?.verdict, 'error');
  }
});

test('one that is not ready says what is being done about it', () => {
  const issuing = { type: 'Issuing', status: 'True', message: 'waiting for the order' };
  const status = { conditions: [ready('False'), issuing] };
  const reading = notReady(certificate({ status }), 'wanted');
  assert.equal(reading?.verdict, 'fail');
  assert.deepEqual(reading.reasons, ['Certificate edge is not ready: waiting for the order']);
});

test('its evidence is until when, from whom, and the serial number', () => {
  const { verdict, seen } = judge(certificate(), CERTIFICATE, NOW);
  assert.equal(verdict, 'pass');
  const until = new Date(CERTIFICATE.validTo).toISOString();
  assert.equal(seen, `edge: until ${until}, from test authority, serial 1234`);
});

test('a name that it does not prove, its end and its beginning shut', () => {
  const more = certificate({ spec: { secretName: 's', dnsNames: ['a.example', 'c.example'] } });
  assert.match(judge(more, CERTIFICATE, NOW).reasons.join(), /is not for c\.example/);
  assert.match(judge(certificate(), CERTIFICATE, Date.parse(CERTIFICATE.validTo)).reasons.join(), /has expired/);
  assert.match(judge(certificate(), CERTIFICATE, NOW - 120_000).reasons.join(), /not valid yet/);
});
