import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { filesHolding, held, needles } from '../../e2e/support/needles.ts';

const secret = fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme-ascii' });

test('a secret is found in base64 of any text around it', () => {
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
      const text = Buffer.from(`${before}${value}${after}`).toString('base64');
      assert.deepEqual(held([value], text), [0]);
    }),
  );
});

test('a secret is found as it is, URL-escaped and inside JSON', () => {
  fc.assert(
    fc.property(secret, (value) => {
      for (const text of [`x${value}y`, `http://u:${encodeURIComponent(value)}@h`, JSON.stringify({ a: value })]) {
        assert.deepEqual(held([value], text), [0]);
      }
    }),
  );
});

test('a text without the secret is not reported', () => {
  assert.deepEqual(held(['correct-horse'], 'battery staple, correct horse'), []);
});

test('a secret too short to be searched for, or of several lines, is refused and not passed over', () => {
  assert.throws(() => needles('password hunter2\n'), /on 2 lines cannot be searched for/);
  assert.throws(() => needles('short'), /cannot be searched for/);
});

test('a planted secret is found in a text file and in a binary one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'planted-'));
  try {
    writeFileSync(join(folder, 'plain'), 'a line with hunter2-hunter2 in it');
    writeFileSync(
      join(folder, 'binary'),
      Buffer.concat([Buffer.alloc(9), Buffer.from(Buffer.from('xhunter2-hunter2').toString('base64'))]),
    );
    writeFileSync(join(folder, 'clean'), 'nothing here');
    assert.deepEqual(await filesHolding(['hunter2-hunter2'], [folder]), [
      join(folder, 'binary'),
      join(folder, 'plain'),
    ]);
    assert.deepEqual(await filesHolding(['another-secret'], [folder]), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
