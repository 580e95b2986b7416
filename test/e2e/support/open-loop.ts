/**
 * Load that does not wait: requests leave by a schedule, whatever became of those before, and each one's latency counts from
 * when it was due. A server that stalls for a second is seen by all who came in that second, not by one of them.
 *
 * The client is a process of its own, on this machine or behind a command that leads into another network.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report, type Report } from './open-loop/report.ts';
import { read, type Answer, type Schedule } from './open-loop/schedule.ts';

export { report, summary, typical, type Latency, type Report, type Window } from './open-loop/report.ts';
export type { Answer } from './open-loop/schedule.ts';

type Given = Pick<Schedule, 'url'> & Partial<Omit<Schedule, 'file'>>;

export interface LoadOptions extends Given {
  /** A command that runs another: `['nsenter', '--net=/proc/4711/ns/net']`. It has to hand on its input. */
  readonly prefix?: readonly string[];
}

/** 100 requests a second on ten kept connections, 10 s for an answer, which should be a 200. */
export const LOAD_DEFAULTS = {
  ...{ rate: 100, connections: 'kept', clients: 10, timeout: 10_000, status: 200, header: 'x-version' },
  headers: {},
} as const satisfies Partial<Schedule>;

export class Load {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #file: string;
  readonly #ended: Promise<number | null>;
  #said = '';

  private constructor(child: ChildProcess, folder: string, file: string) {
    [this.#child, this.#folder, this.#file] = [child, folder, file];
    this.#ended = new Promise((resolve) => child.once('close', resolve));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
  }

  /** The first requests are under way when this returns. */
  static async start({ prefix = [], ...given }: LoadOptions): Promise<Load> {
    const folder = mkdtempSync(join(tmpdir(), 'open-loop-'));
    const file = join(folder, 'answers');
    const schedule: Schedule = { ...LOAD_DEFAULTS, ...given, file };
    const client = join(import.meta.dirname, 'open-loop/client.ts');
    const command = [...prefix, process.execPath, '--no-warnings', client, JSON.stringify(schedule)];
    const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
    const load = new Load(child, folder, file);
    const begun = await Promise.race([once(child.stdout, 'data').then(() => true), load.#ended]);
    if (begun !== true) {
      rmSync(folder, { recursive: true });
      throw new Error(`the client did not start: ${load.#said.slice(-500)}`);
    }
    return load;
  }

  /** The process that was started: the client, or the command before it where that stays. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** What has been answered so far. */
  answers(): Answer[] {
    return read(readFileSync(this.#file, 'utf8')).answers;
  }

  /** Sends no more, and waits for what is under way. @throws when a request is unaccounted for */
  async stop(): Promise<Answer[]> {
    this.#child.stdin!.end();
    const code = await this.#ended;
    const { answers, sent } = read(readFileSync(this.#file, 'utf8'));
    rmSync(this.#folder, { recursive: true });
    if (code !== 0 || sent !== answers.length) {
      throw new Error(
        `the client ended with ${String(code)}, ${answers.length} answers to ${sent ?? 'unknown'} requests: ${this.#said.slice(-500)}`,
      );
    }
    return answers;
  }
}

/** Load for as long as the work takes, and what it came to. */
export async function under<T>(options: LoadOptions, work: (load: Load) => Promise<T>): Promise<[T, Report]> {
  const load = await Load.start(options);
  let done: T;
  try {
    done = await work(load);
  } catch (error) {
    await load.stop();
    throw error;
  }
  return [done, report(await load.stop())];
}
