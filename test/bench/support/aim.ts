/** Finds what is to be killed, beforehand: some phases are over in milliseconds. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wanted } from '../../e2e/support/release/program.ts';
import type { Trial } from '../../e2e/support/release/trial.ts';
import type { Kill } from './plan-kills.ts';
import { below, kindOf } from './processes.ts';
import type { Witness } from './witness.ts';

export interface Field {
  readonly trial: Trial;
  readonly witness: Witness;
  readonly wanted: (version: string) => Wanted;
  /** How often the runner's process of this pod was killed: the kubelet lets the next ones wait. */
  readonly pod: { killed: boolean };
}

export interface Target {
  readonly how: string;
  readonly strike: () => Promise<void> | void;
}

export async function aim({ trial, pod }: Field, { victim, phase }: Kill): Promise<Target> {
  if (victim === 'engine') {
    const pid = trial.engineProcess();
    return { how: 'engine', strike: () => void process.kill(pid, 'SIGKILL') };
  }
  if (victim === 'runner') {
    if (pod.killed && phase !== 'swap') {
      return {
        how: 'runner’s pod',
        strike: async () => {
          await trial.deleteRunner();
          pod.killed = false;
        },
      };
    }
    const pid = await trial.runnerProcess();
    return {
      how: 'runner’s process',
      strike: () => {
        process.kill(pid, 'SIGKILL');
        pod.killed = true;
      },
    };
  }
  const strike = (): void => {
    const found = below(trial.engineProcess()).filter((one) => kindOf(one) === victim);
    if (found.length === 0) throw new Error(`the engine has no ${victim} now`);
    for (const { pid } of found) process.kill(pid, 'SIGKILL');
  };
  return { how: victim, strike };
}

/** As soon as there is something to aim at: a command that has just been given has no process yet. */
export async function ready<T>(look: () => Promise<T>): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    try {
      return await look();
    } catch (thrown) {
      if (Date.now() > end) throw thrown;
    }
    await sleep(200);
  }
}
