/**
 * `make preview STACK=s [BASE=ref] [EXPECT=no-changes] [PRICES=file]`: what an update would change, without credentials and without
 * changing anything. Leaves `.out/preview/s.json`, the engine's own words, and `s.md`, a summary for people. Fails when the
 * plan fails, and on any change where none is expected.
 *
 * It is compared with the stack's own state where that can be read; with `BASE`, with what that git ref would deploy;
 * else with nothing, so that everything is new. The summary says what the stack costs by; in money, where PRICES names a file.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  applyPlan,
  ownStack,
  plan,
  plannedStack,
  requireStack,
  throwAway,
  withTree,
  type Plan,
} from '../engine/plan.ts';
import { readPrices } from '../engine/costs.ts';
import { changing, report } from '../engine/report.ts';
import { CHECKOUT } from '../host/paths.ts';
import { step } from '../host/progress.ts';
import { settingsOf } from '../settings.ts';

interface Compared {
  readonly plan: Plan;
  readonly failed: boolean;
  readonly against: string;
}

const ECHOED = 'No cluster was asked; values that only a cluster gives are missing.';

function withBase(stack: string, ref: string): Promise<Compared> {
  return throwAway((state, env) =>
    withTree(ref, async (base) => {
      await step(`plan ${ref}`, () => applyPlan(state, env, stack, base));
      const ready = await plannedStack(state, env, stack, CHECKOUT);
      const planned = await step('plan the checkout', () => plan(ready, CHECKOUT));
      return { ...planned, against: `what \`${ref}\` would deploy. ${ECHOED}` };
    }),
  );
}

function withNothing(stack: string): Promise<Compared> {
  return throwAway(async (state, env) => {
    const ready = await plannedStack(state, env, stack, CHECKOUT);
    const planned = await step('plan the checkout', () => plan(ready, CHECKOUT));
    return { ...planned, against: `an empty stack, because its own state cannot be read from here. ${ECHOED}` };
  });
}

async function compared(stack: string, base: string | undefined): Promise<Compared> {
  if (base !== undefined) return withBase(stack, base);
  const env = await ownStack(stack);
  if (env === undefined) return withNothing(stack);
  return { ...(await step('plan the checkout', () => plan(env, CHECKOUT))), against: 'its own state.' };
}

export default async function (args: readonly string[]): Promise<void> {
  const { STACK, BASE, EXPECT, PRICES } = settingsOf(args, ['STACK', 'BASE', 'EXPECT', 'PRICES']);
  const stack = requireStack(STACK);
  if (EXPECT !== undefined && EXPECT !== 'no-changes') throw new Error(`EXPECT: found "${EXPECT}"; wanted no-changes`);
  const prices = PRICES === undefined ? undefined : readPrices(PRICES);

  const { plan: planned, failed, against } = await compared(stack, BASE);
  const folder = join(CHECKOUT, '.out/preview');
  const [json, markdown] = [join(folder, `${stack}.json`), join(folder, `${stack}.md`)];
  const summary = report(stack, against, planned, failed, prices);
  mkdirSync(folder, { recursive: true });
  writeFileSync(json, `${JSON.stringify(planned, null, 2)}\n`);
  writeFileSync(markdown, summary);
  process.stdout.write(summary);

  if (failed) throw new Error(`the preview of ${stack} failed; all of it: ${json}`);
  const changed = changing(planned);
  if (EXPECT === undefined || changed.length === 0) return;
  const names = changed.map(({ op, urn }) => `  ${op} ${urn.split('::').at(-1)!}`);
  throw new Error(
    `${stack}: no change was expected, found ${changed.length}:\n${names.join('\n')}\nall of it: ${json}`,
  );
}
