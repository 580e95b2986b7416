import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bcrypt } from '../../../../../infra/sandbox/providers/random/bcrypt.ts';
import { complete, kindOf, stateOf } from '../../../../../infra/sandbox/providers/random/kinds.ts';
import { below, fresh, repeatable, text } from '../../../../../infra/sandbox/providers/random/source.ts';

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The salt that stands in a hash. */
function saltOf(hash: string): Uint8Array {
  const bits = [...hash.slice(7, 29)].map((sign) => ALPHABET.indexOf(sign).toString(2).padStart(6, '0')).join('');
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2));
}

describe('bcrypt', () => {
  // The first from the official plugin's state; the others are the test vectors of its authors' implementation.
  const vectors: [string, string][] = [
    ['R=4crux:212C!+9nJy)5', '$2a$10$.iFadtme7cxZtLPpn9gaf.xb6u/Ko4dFcO4ppJc.rNUF1bfHG/UlC'],
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
  ];
  for (const [password, hash] of vectors) {
    test(`hashes ${JSON.stringify(password)} as others do`, () => {
      assert.equal(bcrypt(password, Number(hash.slice(4, 6)), saltOf(hash)), hash);
    });
  }

  test('salts each hash anew', () => assert.notEqual(bcrypt('a', 4), bcrypt('a', 4)));
});

describe('choices', () => {
  test('favour nothing: of 6 sides, each comes up in 6000 throws as often as chance has it', () => {
    const counts = Array<number>(6).fill(0);
    // The same throws in every run: a test by chance would fail by chance.
    const source = repeatable('dice');
    for (let i = 0; i < 6000; i++) counts[below(source, 6)]!++;
    const chi = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    assert.ok(chi < 20.5, `chi-squared ${chi}; 20.5 is exceeded once in a thousand`);
  });

  test('a password keeps its rules, whatever they are', () => {
    const least = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), least, least, fc.boolean(), (length, lower, digits, upper) => {
        fc.pre(lower + digits <= length);
        const made = text(fresh, {
          length,
          classes: [
            { alphabet: 'abc', allowed: true, least: lower },
            { alphabet: '012', allowed: false, least: digits },
            { alphabet: 'ABC', allowed: upper, least: 0 },
          ],
        });
        const count = (pattern: RegExp) => made.match(pattern)?.length ?? 0;
        assert.equal(made.length, length);
        assert.ok(count(/[abc]/g) >= lower);
        assert.equal(count(/[012]/g), digits);
        if (!upper) assert.equal(count(/[ABC]/g), 0);
      }),
    );
  });

  test('rules that no password can keep are refused', () => {
    const one = { alphabet: 'a', allowed: false, least: 0 };
    assert.throws(() => text(fresh, { length: 3, classes: [{ ...one, least: 4 }] }), /length: found 3; wanted .* 4/);
    assert.throws(() => text(fresh, { length: 3, classes: [one] }), /every class of characters is switched off/);
  });

  test('for a plan are the same each time, and others for another name', () => {
    assert.deepEqual(repeatable('a')(64), repeatable('a')(64));
    assert.notDeepEqual(repeatable('a')(64), repeatable('b')(64));
  });
});

describe('the state', () => {
  const password = kindOf('random:index/randomPassword:RandomPassword');

  test('of a password has the fields of the official plugin, the password in an envelope', () => {
    const state = stateOf(password, { length: 20 }, { result: 'r', bcryptHash: 'h', id: 'none' });
    assert.deepEqual(Object.keys(state).toSorted(), [
      ...['__meta', 'bcryptHash', 'id', 'length', 'lower', 'minLower', 'minNumeric', 'minSpecial', 'minUpper'],
      ...['number', 'numeric', 'result', 'special', 'upper'],
    ]);
    const envelope = { '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270', value: 'r' };
    assert.deepEqual(state.result, envelope);
  });

  test('does not tell an input that is left out from one that is set to its default', () => {
    assert.deepEqual(
      complete(password, { length: 20 }),
      complete(password, { length: 20, special: true, numeric: true }),
    );
    assert.deepEqual(
      complete(password, { length: 20, number: false }),
      complete(password, { length: 20, numeric: false }),
    );
  });

  for (const kind of ['RandomBytes', 'RandomId', 'RandomUuid', 'RandomString']) {
    test(`of ${kind} has an id, and as many bytes as asked for`, () => {
      const token = `random:index/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`;
      const { id, values } = kindOf(token).make(
        complete(kindOf(token), { length: 12, byteLength: 12 }),
        repeatable('x'),
      );
      assert.ok(id.length > 0);
      if ('hex' in values) assert.match(JSON.stringify(values.hex), /^"[0-9a-f]{24}"$/);
    });
  }

  test('of a kind that only the official plugin makes is refused, with the kinds there are', () => {
    assert.throws(() => kindOf('random:index/randomPet:RandomPet'), /makes RandomPassword, .*, not .*RandomPet/);
  });
});
