import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { selfSigned } from '../../../../../infra/addons/load-balancer/certificate.ts';

const SEED = Buffer.alloc(32, 7);
const HOST = 'balancer.example.com';

test('the certificate is for its host alone, signed by its own key, and does not end', () => {
  const { certificate, key } = selfSigned(SEED, HOST);
  const read = new X509Certificate(certificate);
  assert.equal(read.subject, `CN=${HOST}`);
  assert.equal(read.issuer, read.subject);
  assert.equal(read.subjectAltName, `DNS:${HOST}`);
  assert.equal(read.checkHost(HOST), HOST);
  assert.equal(read.checkHost('other.example.com'), undefined);
  assert.ok(read.verify(read.publicKey));
  assert.ok(read.checkPrivateKey(createPrivateKey(key)));
  assert.match(read.validTo, /^Dec 31 23:59:59 9999/);
  assert.ok(Date.parse(read.validFrom) < Date.parse('2026-02-01'));
});

test('the same bytes give the same certificate, other bytes another', () => {
  assert.deepEqual(selfSigned(SEED, HOST), selfSigned(Buffer.alloc(32, 7), HOST));
  assert.notEqual(selfSigned(Buffer.alloc(32, 8), HOST).certificate, selfSigned(SEED, HOST).certificate);
});

test('a client that trusts it is served over TLS', async () => {
  const { certificate, key } = selfSigned(SEED, HOST);
  const server = createServer({ cert: certificate, key }, (socket) => socket.end('served')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: '127.0.0.1', port, ca: certificate, servername: HOST });
  const [text] = (await once(client, 'data')) as [Buffer];
  assert.equal(client.authorized, true);
  assert.equal(text.toString(), 'served');
  client.destroy();
  server.close();
});

test('a key of another length is refused', () => {
  assert.throws(() => selfSigned(Buffer.alloc(31), HOST), /32 bytes, not 31/);
});
