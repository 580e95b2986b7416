import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, tlsFault } from '../../../../components/gates/faults.ts';

const coded = (code: string | number, message = 'something long', extra: object = {}): Error =>
  Object.assign(new Error(message), { code, ...extra });

test('faults of the network have words of their own, without addresses or stack traces', () => {
  assert.equal(explain(coded('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:80')), 'connection refused');
  assert.equal(explain(coded('ECONNRESET', 'socket hang up')), 'connection reset before the answer was complete');
  assert.equal(explain(new AggregateError([coded('ECONNREFUSED')], '')), 'connection refused');
  assert.equal(explain(new TypeError('fetch failed', { cause: coded('ENOTFOUND') })), 'the name does not resolve');
});

test('a certificate that proves nothing is told from a connection that broke', () => {
  assert.equal(tlsFault(coded('CERT_HAS_EXPIRED')), 'TLS: the certificate has expired');
  assert.equal(tlsFault(coded('DEPTH_ZERO_SELF_SIGNED_CERT')), 'TLS: the certificate is self-signed');
  assert.equal(tlsFault(coded('ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version')), 'TLS: wrong version');
  assert.equal(tlsFault(coded('ECONNRESET')), undefined);
  assert.equal(tlsFault('text'), undefined);
});

test('a refusal by the Kubernetes API names its code and its message, not its headers', () => {
  const body = '{"kind":"Status","message":"secrets \\"app\\" not found","code":404}';
  const thrown = coded(404, 'HTTP-Code: 404 Headers: {"audit-id":"x"}', { body });
  assert.equal(explain(thrown), 'the Kubernetes API answered 404: secrets "app" not found');
  const parsed = coded(403, 'x', { body: { message: 'not yours' } });
  assert.equal(explain(parsed), 'the Kubernetes API answered 403: not yours');
});

test('anything that can be thrown becomes one bounded line', () => {
  assert.equal(explain('text'), 'text');
  assert.equal(explain(undefined), 'undefined');
  assert.equal(explain(new Error('')), 'Error');
  assert.equal(explain(new Error('a\n  b')), 'a b');
  assert.ok(explain(new Error('x'.repeat(5000))).length <= 300);
});
