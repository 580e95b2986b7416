import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../../../../components/gates/probes/admission.ts';

const WEBHOOK = 'webhook.cert-manager.io';

test('only the refusal of that webhook opens', () => {
  const refused = `the Kubernetes API answered 403: admission webhook "${WEBHOOK}" denied the request: spec.request: Invalid`;
  assert.equal(judge(WEBHOOK, refused).verdict, 'pass');
});

for (const answer of [
  'the Kubernetes API answered 500: Internal error occurred: failed calling webhook "webhook.cert-manager.io": x509: unknown authority',
  'the Kubernetes API answered 403: admission webhook "other.example.com" denied the request: no',
  'the Kubernetes API answered 422: CertificateRequest "refused" is invalid',
  'connection refused',
]) {
  test(`this is no answer of it: ${answer.slice(0, 70)}`, () => {
    assert.throws(() => judge(WEBHOOK, answer), { message: answer });
  });
}
