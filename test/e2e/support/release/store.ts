/** A store of metrics in the network of a trial's client, which gives the answers that a test tells it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { MetricRule } from '../../../../components/release/index.ts';
import type { Trial } from './trial.ts';

const PORT = 9090;

/** The one rule whose queries the store knows: at most 1, of at least 20 requests. */
export const RULE: MetricRule = { name: 'edge-errors', query: 'value', most: 1, requests: 'requests', minimum: 20 };

/** What each look is answered, one after the other and over again; `null` matches no series. */
export interface Answers {
  readonly value: readonly (number | null)[];
  readonly requests: readonly (number | null)[];
}

export class Store {
  readonly url: string;
  readonly port = PORT;
  readonly #process: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    [this.url, this.#process] = [url, child];
  }

  static async begin(trial: Trial): Promise<Store> {
    const [program, ...rest] = [...trial.inside, process.execPath, join(import.meta.dirname, 'store.mjs'), `${PORT}`];
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return new Store(`http://${await trial.clientAddress()}:${PORT}`, child);
  }

  /** From the next look on. */
  answer(answers: Answers): void {
    this.#process.stdin!.write(`${JSON.stringify(answers)}\n`);
  }

  /** From now on nobody answers there. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.stdin!.end();
    await ended;
  }
}
