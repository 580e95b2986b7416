import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readYaml } from '../../../../../infra/sandbox/host/yaml.ts';

const folder = mkdtempSync(join(tmpdir(), 'yaml-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'Pulumi.local.yaml');
const reading = (text: string): Record<string, unknown> => {
  writeFileSync(file, text);
  return readYaml(file);
};

test('a file that is not there, and one that is empty, say nothing', () => {
  assert.deepEqual(readYaml(join(folder, 'none.yaml')), {});
  assert.deepEqual(reading(''), {});
  assert.deepEqual(reading('a: 1\n'), { a: 1 });
});

for (const [what, text, said] of [
  ['a key twice', 'a: GEHEIM\na: GEHEIM\n', ':2: duplicated mapping key'],
  ['a password that looks like an alias', 'a: *GEHEIM\n', ':1: unidentified alias'],
  ['a password that looks like a tag', 'a: !GEHEIM x\n', ':1: unknown tag'],
  ['a password that looks like a broken tag', 'a: !<GEHEIM^> x\n', ':1: tag name cannot contain such characters'],
  ['a quote that does not end', 'a: "GEHEIM\n', ':2: unexpected end of the stream within a double quoted scalar'],
  ['a second document', 'a: GEHEIM\n---\nb: GEHEIM\n', ': expected a single document in the stream, but found more'],
] as const) {
  test(`${what} is told by file, line and reason, and nothing that stands there`, () => {
    assert.throws(
      () => reading(text),
      (error: Error) => {
        assert.equal(error.message, `${file}${said}`);
        assert.doesNotMatch(error.stack ?? '', /GEHEIM/);
        assert.equal(error.cause, undefined);
        return true;
      },
    );
  });
}
