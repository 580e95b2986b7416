/**
 * Kills engines, language hosts, provider hosts and runners in every phase of a release, while 100 requests a second come in
 * by the edge and, in a third of the kills, the new version turns bad after it. Each time traffic has to end on a healthy
 * version without anyone's help, and one `up` has to converge.
 *
 *   node test/bench/release-kills.ts [count] [--seed N] [--from K] [--to L]     wants a running sandbox
 *
 * About a minute and a half a kill. What was done stands in .out/bench/release-kills.json: `--from` and `--to` do
 * a part of it, with the same count and seed; the totals count all parts.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { say } from '../../infra/sandbox/host/progress.ts';
import type { Wanted } from '../e2e/support/release/program.ts';
import { Trial } from '../e2e/support/release/trial.ts';
import { numbers } from './support/arguments.ts';
import { HEAD, line, totals } from './support/kill-table.ts';
import type { Field } from './support/aim.ts';
import { killOnce, type Killed } from './support/killing.ts';
import { BEFORE, planKills, type Kill } from './support/plan-kills.ts';
import { Witness } from './support/witness.ts';

const given = numbers(process.argv.slice(2), 40, { seed: Date.now() % 2 ** 31, from: 1, to: 0 });
const { count, seed, from } = given;
const to = given.to === 0 ? count : given.to;
const out = join(CHECKOUT, '.out/bench/release-kills.json');

interface Stored {
  readonly seed: number;
  readonly count: number;
  readonly kills: readonly Killed[];
}

/** What was done before, and what another part of the same campaign has done meanwhile. */
function stored(): readonly Killed[] {
  if (!existsSync(out)) return [];
  const all = JSON.parse(readFileSync(out, 'utf8')) as Stored;
  if (all.seed === seed && all.count === count) return all.kills;
  if (from === 1) return [];
  throw new Error(`${out} is of ${all.count} kills with seed ${all.seed}; give these, or begin with --from 1`);
}

const done = new Map<number, Killed>();
const everything = (): readonly Killed[] =>
  [...stored().filter(({ number }) => number < from || number > to), ...done.values()].toSorted(
    (a, b) => a.number - b.number,
  );

/** @param whole with the stores, whose dump and migration come before the order */
async function campaign(kills: readonly Kill[], whole: boolean): Promise<void> {
  if (kills.length === 0) return;
  const trial = await Trial.begin(whole ? 'kill-whole' : 'kill');
  const own = process.pid.toString(36);
  const timing = { ready: '25s', candidate: '3s', soak: '3s', keepFor: '60s', deadline: '150s' };
  const wanted = (version: string): Wanted => ({
    ...{ strategy: 'canary', driver: 'nginx', version, timing, window: '3s' },
    ...(whole && { whole }),
  });
  let old = `${own}-0`;
  let witness: Witness | undefined;
  try {
    await trial.up(wanted(old));
    witness = await Witness.begin(trial.namespace);
    const field: Field = { trial, witness, wanted, pod: { killed: false } };
    for (const kill of kills) {
      const version = `${own}-${kill.number}`;
      let killed: Killed;
      try {
        killed = await killOnce(field, kill, { old, version, mended: `${version}-mended` });
      } catch (thrown) {
        // What is live now is what the next one is compared with, if it can be told.
        const violated = [thrown instanceof Error ? thrown.message : String(thrown)];
        killed = {
          ...{
            ...kill,
            found: 'not reached',
            how: kill.victim,
            settledOn: '?',
            settledAfter: 0,
            orphans: [],
            orphansEnded: 0,
          },
          ...{
            sent: 0,
            failed: 0,
            ofBad: 0,
            exposed: 0,
            badFor: 0,
            cancelled: false,
            converged: 'not',
            convergedIn: 0,
            violated,
          },
        };
        await trial.stack.pulumi(['cancel', '--yes']).catch(() => undefined);
        await trial.up(wanted(old));
      }
      if (killed.converged !== 'not') old = killed.converged;
      done.set(killed.number, killed);
      say(line(killed));
      mkdirSync(join(CHECKOUT, '.out/bench'), { recursive: true });
      writeFileSync(out, JSON.stringify({ seed, count, kills: everything() } satisfies Stored, null, 2));
    }
  } finally {
    witness?.end();
    await trial.end();
  }
}

stored();
say(`${count} kills, seed ${seed}, from ${from} to ${to}`);
say(HEAD);
const planned = planKills(count, seed).filter(({ number }) => number >= from && number <= to);
await campaign(
  planned.filter(({ phase }) => !BEFORE.includes(phase)),
  false,
);
await campaign(
  planned.filter(({ phase }) => BEFORE.includes(phase)),
  true,
);
const all = everything();
say([HEAD, ...all.map(line), ...totals(all)].join('\n'));
if ([...done.values()].some(({ violated }) => violated.length > 0)) process.exitCode = 1;
