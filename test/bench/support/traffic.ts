/** Users who do not wait, for as long as a campaign wants them: by the edge, half of them on connections that stay open. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Load } from '../../e2e/support/open-loop.ts';
import type { Trial } from '../../e2e/support/release/trial.ts';

export class Users {
  readonly #loads: readonly Load[];

  private constructor(loads: readonly Load[]) {
    this.#loads = loads;
  }

  /** @param rate requests a second in all */
  static async come(trial: Trial, rate: number): Promise<Users> {
    const kinds = ['fresh', 'kept'] as const;
    return new Users(
      await Promise.all(kinds.map((connections) => trial.load({ connections, rate: rate / 2 }, 'edge'))),
    );
  }

  /** What was due from that moment on, as far as it was answered. */
  answers(from = 0): Answer[] {
    return this.#loads.flatMap((load) => load.answers()).filter(({ due }) => due >= from);
  }

  /** What is wrong for users in the next moments, if they are to be served by one version alone. */
  async unhealthy(version: string, ms = 1500): Promise<string | undefined> {
    const from = Date.now();
    await sleep(ms);
    const answers = this.answers(from);
    const wrong = answers.filter((answer) => answer.failure !== '' || answer.version !== version);
    if (answers.length === 0) return 'no request was answered';
    const [one] = wrong;
    return one && `${wrong.length} of ${answers.length} answers not by ${version}: ${one.failure} ${one.version}`;
  }

  async leave(): Promise<Answer[]> {
    return (await Promise.all(this.#loads.map((load) => load.stop()))).flat();
  }
}
