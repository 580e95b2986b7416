/** Connections tried from inside a pod, whatever its image holds: a process of ours in the pod's network namespace. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf } from '../../../../infra/sandbox/host/cgroups.ts';
import { run } from '../../../../infra/sandbox/host/run.ts';

/**
 * What became of a try. `open`: a listener answered. `refused`: the packets arrived where nobody listens. `silent`:
 * nothing came back. Anything else is the system's own word for an error.
 */
export type Answer = 'open' | 'refused' | 'silent' | (string & {});

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Default TCP. UDP is `open` when something comes back. */
  readonly protocol?: 'TCP' | 'UDP';
  /** The sender's address, if not the pod's own. */
  readonly localAddress?: string;
}

/**
 * Milliseconds after which a try is `silent`. The kernel answers within a millisecond and a lost first packet is sent
 * again after a second: between the two nothing can be mistaken for the other.
 */
const SILENT = 900;

const arrived = (answer: Answer): boolean => answer === 'open' || answer === 'refused';

/** The host's number of any process of a pod. */
async function processOf(sandbox: string, uid: string): Promise<number> {
  for (const deadline = Date.now() + 10_000; ;) {
    for (const { pid } of processesOf(sandbox)) {
      try {
        if (readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`pod${uid}`)) return pid;
      } catch (error) {
        // It ended between the listing and the look.
        if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code!)) throw error;
      }
    }
    if (Date.now() > deadline) throw new Error(`no process of pod ${uid} in ${sandbox}`);
    await sleep(50);
  }
}

export class Prober {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: { answer: Answer; began: number }) => void>();
  #next = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    createInterface(child.stdout!).on('line', (line) => {
      const { id, ...answer } = JSON.parse(line) as { id: number; answer: Answer; began: number };
      this.#waiting.get(id)!(answer);
      this.#waiting.delete(id);
    });
  }

  /** @param sandbox the instance's name, like `sbx1` */
  static async inPod(sandbox: string, uid: string): Promise<Prober> {
    const pid = await processOf(sandbox, uid);
    const script = join(import.meta.dirname, 'prober.mjs');
    const command = [`--net=/proc/${pid}/ns/net`, process.execPath, script];
    return new Prober(spawn('nsenter', command, { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  /** The answer, and when the try began (host's clock, milliseconds). */
  ask(target: Target, timeout = SILENT): Promise<{ answer: Answer; began: number }> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      if (this.#child.exitCode !== null) {
        reject(new Error(`the prober ended with ${this.#child.exitCode}`));
        return;
      }
      this.#waiting.set(id, resolve);
      this.#child.stdin!.write(`${JSON.stringify({ id, timeout, ...target })}\n`);
    });
  }

  /** Whether packets arrive. Throws on errors that are neither arrival nor silence. */
  async reaches(target: Target): Promise<boolean> {
    const { answer } = await this.ask(target);
    if (!arrived(answer) && answer !== 'silent') throw new Error(`${target.host}:${target.port}: ${answer}`);
    return arrived(answer);
  }

  /** A command in the pod's network namespace, as root of the host. */
  inNamespace(command: readonly string[]): Promise<string> {
    return run(['nsenter', `--net=/proc/${this.#child.pid!}/ns/net`, ...command]);
  }

  stop(): void {
    this.#child.stdin!.end();
    this.#child.kill();
  }
}
