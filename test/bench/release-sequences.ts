/**
 * Sequences of random steps on one released workload: good and bad versions, changes of the environment, of a label, of the
 * strategy, `refresh`, kills, rollbacks. After each one traffic is healthy and the state agrees with the cluster; at the end
 * of a sequence one `up` leaves nothing to do. 100 requests a second come in by the edge all the while.
 *
 *   node test/bench/release-sequences.ts [sequences] [--seed N] [--steps N] [--from K]     wants a running sandbox
 *
 * Half a minute a step. What was done stands in .out/bench/release-sequences.json: `--from` goes on with the same seed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { say } from '../../infra/sandbox/host/progress.ts';
import type { Wanted } from '../e2e/support/release/program.ts';
import { Trial } from '../e2e/support/release/trial.ts';
import { numbers } from './support/arguments.ts';
import { Chance } from './support/random.ts';
import { Course, KINDS, type Stepped } from './support/sequence.ts';
import { Users } from './support/traffic.ts';
import { Witness } from './support/witness.ts';

const { count, seed, steps, from } = numbers(process.argv.slice(2), 30, {
  seed: Date.now() % 2 ** 31,
  steps: 10,
  from: 1,
});
const out = join(CHECKOUT, '.out/bench/release-sequences.json');

interface Sequence {
  readonly number: number;
  readonly steps: readonly Stepped[];
}

interface Stored {
  readonly seed: number;
  readonly steps: number;
  readonly sequences: readonly Sequence[];
}

function before(): readonly Sequence[] {
  if (from === 1 || !existsSync(out)) return [];
  const stored = JSON.parse(readFileSync(out, 'utf8')) as Stored;
  if (stored.seed !== seed || stored.steps !== steps) {
    throw new Error(`${out} is of ${stored.steps} steps with seed ${stored.seed}; give these, or begin with --from 1`);
  }
  return stored.sequences.filter(({ number }) => number < from);
}

const line = (where: string, { kind, what, seconds, sent, failed, violated }: Stepped): string =>
  [
    `${where.padEnd(7)} ${kind.padEnd(19)} ${seconds.toFixed(1).padStart(5)} s  ${failed}/${sent} failed  ${what}`,
    ...violated.map((one) => `        VIOLATED: ${one}`),
  ].join('\n');

async function sequence(trial: Trial, witness: Witness, number: number, live: Wanted): Promise<[Sequence, Wanted]> {
  // A sequence that is begun alone is the same as in its row.
  const chance = new Chance(seed + number * 7919);
  const name = `${process.pid.toString(36)}-${number}`;
  const course = new Course(trial, witness, chance, live, name);
  const users = await Users.come(trial, 100);
  const done: Stepped[] = [];
  try {
    for (let at = 1; at <= steps + 1; at++) {
      const kind = chance.one(KINDS);
      const stepped = at > steps ? await course.end(users) : await course.step(kind, users);
      done.push(stepped);
      say(line(at > steps ? `${number} end` : `${number}.${at}`, stepped));
      if (stepped.violated.length > 0) await course.recover();
    }
  } finally {
    await users.leave();
  }
  return [{ number, steps: done }, course.wanted];
}

const done: Sequence[] = [...before()];
say(`${count} sequences of ${steps} steps, seed ${seed}, from ${from}`);
const trial = await Trial.begin('sequences');
let witness: Witness | undefined;
try {
  const timing = { ready: '15s', candidate: '3s', soak: '3s', keepFor: '30s', deadline: '120s' };
  let live: Wanted = {
    strategy: 'blueGreen',
    driver: 'nginx',
    version: `${process.pid.toString(36)}-0`,
    timing,
    window: '2s',
  };
  await trial.up(live);
  live = { ...live, version: `${process.pid.toString(36)}-1` };
  await trial.up(live);
  witness = await Witness.begin(trial.namespace);
  for (let number = from; number <= count; number++) {
    const [ended, wanted] = await sequence(trial, witness, number, live);
    live = wanted;
    done.push(ended);
    mkdirSync(join(CHECKOUT, '.out/bench'), { recursive: true });
    writeFileSync(out, JSON.stringify({ seed, steps, sequences: done } satisfies Stored, null, 2));
  }
} finally {
  witness?.end();
  await trial.end();
}

const all = done.flatMap((one) => one.steps);
const sum = (of: (step: Stepped) => number): number => all.reduce((total, step) => total + of(step), 0);
const kinds = KINDS.map((kind) => `${kind} ${all.filter((step) => step.kind === kind).length}`).join(', ');
say(
  `${done.length} sequences, ${all.length} steps (${kinds}); ${sum(({ sent }) => sent)} requests, ${sum(({ failed }) => failed)} failed, ` +
    `all of them by versions that were bad; violated claims: ${sum(({ violated }) => violated.length)}`,
);
if (all.some(({ violated }) => violated.length > 0)) process.exitCode = 1;
