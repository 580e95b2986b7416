import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Answer } from '../../../../../components/gates/probes/http.ts';
import type { HttpQuestion } from '../../../../../components/gates/questions.ts';

const ask = (expect: HttpQuestion['expect'], answer: Partial<Answer>): readonly string[] => {
  const question: HttpQuestion = { cluster: {}, target: { url: 'http://h' }, path: '/health', expect };
  const { verdict, reasons } = judge(question, { status: 200, headers: {}, body: '', ...answer });
  assert.equal(verdict, reasons.length === 0 ? 'pass' : 'fail');
  return reasons;
};

test('the status must be the one, or one of those, that were named', () => {
  assert.deepEqual(ask({ status: 200 }, {}), []);
  assert.deepEqual(ask({ status: [401, 403] }, { status: 403 }), []);
  assert.deepEqual(ask({ status: 200 }, { status: 204 }), ['GET /health answered 204; wanted 200']);
  assert.deepEqual(ask({ status: [401, 403] }, {}), ['GET /health answered 200; wanted 401 or 403']);
});

test('each header that was named must be there and agree', () => {
  const headers = { 'access-control-allow-origin': 'https://staging.example.com' };
  const exact = { 'Access-Control-Allow-Origin': 'https://staging.example.com' };
  assert.deepEqual(ask({ status: 200, headers: exact }, { headers }), []);
  assert.deepEqual(
    ask({ status: 200, headers: { 'access-control-allow-origin': { matches: '^https:' } } }, { headers }),
    [],
  );
  assert.deepEqual(ask({ status: 200, headers: { vary: 'Origin' } }, { headers }), [
    'GET /health: header vary is nothing; wanted Origin',
  ]);
});

test('the body must be JSON that agrees; text, nothing and too much are named as such', () => {
  const json = { status: 'healthy' };
  assert.deepEqual(ask({ status: 200, json }, { body: '{"status":"healthy","more":1}' }), []);
  assert.deepEqual(ask({ status: 200, json }, { body: '{"status":"degraded"}' }), [
    'GET /health: $.status is degraded; wanted healthy',
  ]);
  assert.deepEqual(ask({ status: 200, json }, { body: '<html>' }), ['GET /health: the body is not JSON: <html>']);
  assert.deepEqual(ask({ status: 200, json }, { body: '' }), ['GET /health: the body is not JSON: it is empty']);
  assert.deepEqual(ask({ status: 200, json }, { body: '{"status":"healthy"' }), [
    'GET /health: the body is not JSON: {"status":"healthy"',
  ]);
  assert.deepEqual(ask({ status: 200, json }, { body: undefined }), [
    'GET /health: the body is longer than 1048576 bytes',
  ]);
});
