import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { explain, InputRefused, nearest, Problems, shown } from '../../../../components/core/index.ts';

const problem = { where: 'api.replicas', found: '0', wanted: 'a whole number from 1' };

test('a problem says where, what was found, what was wanted and what to do', () => {
  assert.equal(explain(problem), 'api.replicas: found 0; wanted a whole number from 1');
  assert.equal(
    explain({ ...problem, remedy: 'raise it' }),
    'api.replicas: found 0; wanted a whole number from 1; raise it',
  );
});

test('no problem throws nothing', () => {
  new Problems().throwIfAny('Pulumi.local.yaml');
});

test('all problems are reported together, in the order of their places', () => {
  const problems = new Problems();
  problems.add({ where: 'redis', found: '1', wanted: '2' });
  problems.require(true, { where: 'never', found: '', wanted: '' });
  problems.require(false, problem);
  assert.throws(
    () => problems.throwIfAny('Pulumi.local.yaml', 'nothing was changed'),
    (error: unknown) => {
      assert.ok(error instanceof InputRefused);
      assert.equal(
        error.message,
        [
          'Pulumi.local.yaml has 2 problems; nothing was changed.',
          '  api.replicas: found 0; wanted a whole number from 1',
          '  redis: found 1; wanted 2',
        ].join('\n'),
      );
      return true;
    },
  );
});

test('a single problem is spoken of in the singular', () => {
  assert.match(new InputRefused('x', [problem]).message, /^x has one problem;/);
});

test('a shown value fits on a line and is never mistaken for another', () => {
  assert.equal(shown('5'), '"5"');
  assert.equal(shown(5), '5');
  assert.equal(shown(undefined), 'nothing');
  fc.assert(
    fc.property(fc.anything(), (value) => typeof value === 'bigint' || hasBigint(value) || shown(value).length <= 80),
  );
});

const hasBigint = (value: unknown): boolean => {
  try {
    JSON.stringify(value);
    return false;
  } catch {
    return true;
  }
};

test('the nearest known name is found through a slip of the finger, and none through a different word', () => {
  const known = ['replicas', 'resources', 'logLevel'];
  assert.equal(nearest('replicsa', known), 'replicas');
  assert.equal(nearest('Replicas', known), 'replicas');
  assert.equal(nearest('loglevel', known), 'logLevel');
  assert.equal(nearest('zebra', known), undefined);
});

test('one letter too many, too few or another never hides a name', () => {
  const name = fc.string({ minLength: 3, maxLength: 12, unit: fc.constantFrom(...'abcdefgh') });
  fc.assert(
    fc.property(name, fc.nat(), fc.constantFrom(...'abcdefgh'), (known, at, letter) => {
      const place = at % known.length;
      for (const slip of [
        known.slice(0, place) + known.slice(place + 1),
        known.slice(0, place) + letter + known.slice(place),
        known.slice(0, place) + letter + known.slice(place + 1),
      ]) {
        assert.equal(nearest(slip, [known]), known);
      }
    }),
  );
});
