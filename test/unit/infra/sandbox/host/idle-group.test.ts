/** What a group's processes have of the processor: an instance more than one process, the spare lane what nobody else wants. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { clearGroups, makeGroups, makeIdleGroup } from '../../../../../infra/sandbox/host/cgroups.ts';
import { CHECKOUT } from '../../../../../infra/sandbox/host/paths.ts';

const NAME = `platform-idle-group-${process.pid}`;
const group = makeIdleGroup(NAME);
after(() => clearGroups(NAME));

const here = group === undefined ? { skip: 'this machine lets no such group be made: cgroup v2, or no root' } : {};

/** A process that the door of the spare lane was loaded into, which says where it is and then waits. */
function lodger(env: Record<string, string>) {
  const where = `process.stdout.write(require('node:fs').readFileSync('/proc/self/cgroup', 'utf8') + require('node:os').getPriority() + '\\n\\n'); setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--import', './test/idle.ts', '--eval', where], {
    cwd: CHECKOUT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function told(child: ReturnType<typeof lodger>): Promise<string> {
  let text = '';
  for await (const part of child.stdout) {
    text += String(part);
    if (text.endsWith('\n\n')) break;
  }
  return text;
}

test('it comes last: idle where the kernel knows that, else with the least share there is', here, () => {
  const [file, value] = existsSync(join(group!, 'cpu.idle')) ? ['cpu.idle', '1'] : ['cpu.shares', '2'];
  assert.equal(readFileSync(join(group!, file), 'utf8').trim(), value);
});

test('who loads the door is in it before it does anything, and goes with it', here, async (t) => {
  const child = lodger({ PLATFORM_IDLE: group! });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  assert.match(await told(child), new RegExp(`:/${NAME}$`, 'm'));
  await clearGroups(NAME);
  const [, signal] = (await ended) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL');
  assert.equal(existsSync(group!), false);
});

test('where there is no group, it is as nice as can be', async () => {
  const child = lodger({ PLATFORM_IDLE: '' });
  const text = await told(child);
  child.kill('SIGKILL');
  assert.match(text, /^19$/m);
  assert.equal(text.includes(basename(group ?? NAME)), false);
});

test('an instance weighs as many processes as it was said to', here, async (t) => {
  const name = `${NAME}-weighs`;
  t.after(() => clearGroups(name));
  const groups = makeGroups(name, 4).map((file) => join(dirname(file), 'cpu.shares'));
  const said = groups.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8').trim());
  assert.deepEqual(said, ['4096']);
});
