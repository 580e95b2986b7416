/**
 * `make verify STACK=s`: every gate of a deployed stack asked again, read-only. The evidence is JSON on the standard
 * output, one entry a gate, by name; the exit code is 0 only if all of them pass.
 */
import { deployedEnv, exported } from '../engine/state.ts';
import { CHECKOUT } from '../host/paths.ts';
import { settingsOf } from '../settings.ts';

/** One gate's answer, as it is printed. */
interface Answer {
  readonly gate: string;
  readonly kind: string;
  readonly requirement: string | null;
  readonly verdict: string;
  readonly reasons: readonly string[];
}

/** @param args `STACK=<name>`; `QUIET=1` prints nothing but what is wrong */
export default async function (args: readonly string[]): Promise<void> {
  const { STACK: stack = '', QUIET } = settingsOf(args, ['STACK', 'QUIET']);
  if (stack === '') throw new Error('which stack? make verify STACK=local');

  const answers = await answersOf(stack);
  if (QUIET !== '1') await print(`${JSON.stringify(answers, null, 2)}\n`);
  const shut = answers.filter(({ verdict }) => verdict !== 'pass');
  if (shut.length === 0) return;
  const lines = shut.map(({ gate, requirement, verdict, reasons }) => {
    return `  ${gate}${requirement === null ? '' : ` (${requirement})`}: ${verdict}: ${reasons.join('; ')}`;
  });
  throw new Error(`${shut.length} of ${answers.length} gates of ${stack} are shut:\n${lines.join('\n')}`);
}

async function answersOf(stack: string): Promise<Answer[]> {
  const state = await exported(await deployedEnv(stack), stack, CHECKOUT);
  const { gatesIn, verify } = await import('../../../components/gates/index.ts');
  const gates = gatesIn(state);
  // Nothing asked is nothing proven.
  if (gates.length === 0) throw new Error(`stack ${stack} has no gate in its state: deploy it first, with "make up"`);
  return Promise.all(
    gates.map(async ({ type, inputs }) => {
      const { name: gate, kind, requirement = null } = inputs;
      return { gate, kind, requirement, ...(await verify(type, inputs)) };
    }),
  );
}

/** Waits until the text has left: the process may end right after. */
const print = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
