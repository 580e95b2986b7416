/** What is said behind a verb arrives at it, and is refused where it means nothing there. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CHECKOUT } from '../../../../infra/sandbox/host/paths.ts';
import { run } from '../../../../infra/sandbox/host/run.ts';
import { settingsOf } from '../../../../infra/sandbox/settings.ts';

/** The command that make would run; it is no child of the make that may have begun this test. */
const command = async (...said: readonly string[]): Promise<string> => {
  const lines = await run(['make', '--dry-run', ...said], { cwd: CHECKOUT, env: { MAKEFLAGS: '', MAKELEVEL: '0' } });
  return lines.trim().split('cli.ts ').at(-1)!;
};

describe('a verb', () => {
  test('takes its settings by name, whatever is in their values', () => {
    assert.deepEqual(settingsOf(['STACK=local', 'BASE=a=b'], ['STACK', 'BASE']), { STACK: 'local', BASE: 'a=b' });
  });

  test('refuses a setting that it does not have, and names those it has', () => {
    assert.throws(() => settingsOf(['STAK=local'], ['STACK', 'BASE']), /"STAK=local".*STACK=… BASE=…/);
  });

  test('that takes none does nothing where one is said: `make down STACK=rehearsal` would remove all stacks', async () => {
    const env = { PLATFORM_SANDBOX: join(tmpdir(), `no-sandbox-${process.pid}`) };
    const down = run([process.execPath, 'infra/sandbox/cli.ts', 'down', 'STACK=rehearsal'], { cwd: CHECKOUT, env });
    await assert.rejects(down, /"STACK=rehearsal": this verb takes no settings/);
  });
});

describe('make', () => {
  test('hands a verb all that was said on its command line, misspelt or not', async () => {
    assert.equal(await command('up', 'STAK=rehearsal'), 'up STAK="rehearsal"');
    assert.equal(await command('preview', 'STACK=local', 'BASE=HEAD~1'), 'preview BASE="HEAD~1" STACK="local"');
  });

  test('keeps a value together that has spaces and equals signs in it', async () => {
    assert.equal(await command('render', 'OUT=/tmp/a b=c', 'STACK=local'), 'render OUT="/tmp/a b=c" STACK="local"');
  });

  test('leaves what the environment may hold out of the settings, and says nothing where nothing was said', async () => {
    assert.equal(await command('up', 'PLATFORM_SANDBOX=/srv/one'), 'up');
    assert.equal(await command('up'), 'up');
  });
});
