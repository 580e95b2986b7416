import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { differences, type JsonExpectation } from '../../../../components/gates/json.ts';

const HEALTH = {
  status: 'healthy',
  timestamp: '2025-10-02T10:00:00Z',
  environment: 'staging',
  version: '1.0.0',
  checks: [{ name: 'database', up: true }],
};

test('what is named must agree, what is not named does not matter', () => {
  assert.deepEqual(differences({ status: 'healthy', version: '1.0.0' }, HEALTH), []);
  assert.deepEqual(differences({ timestamp: { matches: '^\\d{4}-\\d\\d-\\d\\dT' } }, HEALTH), []);
  assert.deepEqual(differences({ checks: [{ name: 'database' }] }, HEALTH), []);
  assert.deepEqual(differences({}, HEALTH), []);
  assert.deepEqual(differences({}, []), []);
});

test('every difference is named with its path, what was found and what was wanted', () => {
  const cases: readonly (readonly [JsonExpectation, string])[] = [
    [{ status: 'ok' }, '$.status is healthy; wanted ok'],
    [{ statsu: 'healthy' }, '$.statsu is missing; wanted healthy'],
    [{ timestamp: { matches: '^today' } }, '$.timestamp is 2025-10-02T10:00:00Z; wanted text that fits /^today/'],
    [{ version: 1 }, '$.version is 1.0.0; wanted 1'],
    [{ checks: [] }, '$.checks is [{"name":"database","up":true}]; wanted []'],
    [{ checks: [{ up: false }] }, '$.checks[0].up is true; wanted false'],
    [{ checks: {}, status: null }, '$.status is healthy; wanted null'],
    [{ status: { code: 1 } }, '$.status is healthy; wanted {"code":1}'],
    [[], '$ is {"status":"healthy","timestamp":"2025-10-02T10:00:00Z","environment":"staging",…; wanted []'],
  ];
  for (const [wanted, reason] of cases) assert.deepEqual(differences(wanted, HEALTH), [reason]);
  assert.deepEqual(differences({}, null), ['$ is null; wanted {}']);
  assert.deepEqual(differences({}, 'healthy'), ['$ is healthy; wanted {}']);
});

test('a number in quotes is not the number, and a pattern fits only text', () => {
  assert.equal(differences(1, '1').length, 1);
  assert.equal(differences({ matches: '1' }, 1).length, 1);
});

test('any JSON agrees with itself, and stops to when one leaf changes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.parse(JSON.stringify(value)) as JsonExpectation;
      fc.pre(!JSON.stringify(json).includes('"matches"') && !JSON.stringify(json).includes('__proto__'));
      assert.deepEqual(differences(json, json), []);
      assert.notDeepEqual(differences({ here: [json, 'a leaf'] }, { here: [json, 'another'] }), []);
    }),
  );
});
