import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Credentials } from '../../../../components/gates/index.ts';
import { clusterOf } from './support/cluster.ts';

const REF = { namespace: 'n', name: 'db', key: 'password' };

test('a key of a Secret is read when asked for', async () => {
  const credentials = new Credentials(clusterOf({ secrets: { 'n/db': { password: 'p=ss/wörd' } } }));
  assert.equal(await credentials.read(REF), 'p=ss/wörd');
});

test('a Secret without the key is an error that names the keys it has, and no value', async () => {
  const credentials = new Credentials(clusterOf({ secrets: { 'n/db': { pass: 'hidden' } } }));
  await assert.rejects(credentials.read(REF), { message: 'Secret n/db has no key "password"; its keys: pass' });
});

test('a value that was read appears in no spelling in what is said afterwards', async () => {
  const value = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((text) => !'*'.includes(text) && text.trim() !== '');
  await fc.assert(
    fc.asyncProperty(value, fc.string(), async (secret, around) => {
      const credentials = new Credentials(clusterOf({ secrets: { 'n/db': { password: secret } } }));
      await credentials.read(REF);
      const spellings = [
        secret,
        encodeURIComponent(secret),
        JSON.stringify(secret).slice(1, -1),
        Buffer.from(secret).toString('base64'),
      ];
      const said = credentials.redact(`${around} ${spellings.join(' ')} ${around}`);
      for (const spelling of spellings) {
        // What is left of very short ones may be part of the mark itself.
        assert.ok(!said.replaceAll('***', '').includes(spelling), `${spelling} in ${said}`);
      }
    }),
  );
});
