/** What a person sees while something long runs: a moving line on a terminal, one line a step otherwise. All on standard error. */

const terminal = process.stderr.isTTY;
const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;

/** The steps that ran, with their wall time in seconds, in the order they ended. */
export const taken: { readonly step: string; readonly seconds: number }[] = [];

export function say(text: string): void {
  process.stderr.write(`${terminal ? '\r\x1b[K' : ''}${text}\n`);
}

let detail = '';

/** Says what the running step is doing; seen on a terminal only, behind the name of the step. */
export function now(text: string): void {
  detail = text;
}

/** Runs one step under its name. The time is printed when it ends, and kept in `taken`. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const width = process.stderr.columns || 80;
  const draw = (): void => {
    process.stderr.write(`\r\x1b[K${`  … ${name} ${seconds(began)}  ${detail}`.slice(0, width - 1)}`);
  };
  detail = '';
  const ticker = terminal ? setInterval(draw, 250) : undefined;
  if (!terminal) say(`  … ${name}`);
  try {
    const result = await work();
    say(`  ✓ ${name} (${seconds(began)})`);
    taken.push({ step: name, seconds: (performance.now() - began) / 1000 });
    return result;
  } catch (error) {
    say(`  ✗ ${name} (${seconds(began)})`);
    throw error;
  } finally {
    clearInterval(ticker);
  }
}
