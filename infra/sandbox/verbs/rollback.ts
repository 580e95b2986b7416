/**
 * `make rollback STACK=s [TO=…] [NAME=workload]`: back to a version that was live, at once. First the traffic, without the
 * engine, where the version's pods still run. Then an `up` with the configuration that the version had, so that the state and
 * every other object agree. What is left is rejected: no later `up` brings it back by itself.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import {
  DIGEST,
  LEAVING,
  reach,
  recordOf,
  releaseIn,
  sendBack,
  short,
  standing,
  target,
  type Good,
  type Past,
  type ReleaseRecord,
} from '../../../components/release/index.ts';
import { diagnostics } from '../deploy.ts';
import { requireStack } from '../engine/plan.ts';
import { around, changes, configurationOf, type Update } from '../engine/past.ts';
import { deployedEnv, exported } from '../engine/state.ts';
import { CHECKOUT } from '../host/paths.ts';
import { now, say, step } from '../host/progress.ts';
import { CommandFailed, run } from '../host/run.ts';
import { settingsOf } from '../settings.ts';

type Env = Record<string, string>;

export interface Rollback {
  readonly stack: string;
  /** The folder of Pulumi.yaml. */
  readonly project: string;
  /** In which the engine reads the stack. KUBECONFIG in it is this process's too. */
  readonly env: Env;
  readonly to?: string;
  readonly name?: string;
}

function whoami(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `${process.env.USER ?? 'somebody'}@${hostname()}`; // A user id without a name, as in some containers.
  }
}

const called = ({ digest, version }: Pick<Past, 'digest' | 'version'>): string =>
  version === undefined ? short(digest) : `${version} (${short(digest)})`;

/** What was done. */
export interface RolledBack {
  readonly live: Past;
  /** Whether the version's pods still ran, so that only traffic had to move. */
  readonly atOnce: boolean;
  /** What has to be changed in the stack's configuration file, and committed. */
  readonly edits: readonly string[];
}

/** @throws with one clear error, before anything is changed, when there is nothing to go back to */
export async function rollback({ stack, project, env, to, name }: Rollback): Promise<RolledBack> {
  const release = releaseIn(await exported(env, stack, project), stack, name);
  const way = await reach(release);
  const record = await recordOf(way, release);
  const wanted = target(record, release.name, { ...(to !== undefined && { to }), state: release.digest });
  const left = record.good!;
  const why = `rolled back by ${whoami()} at ${new Date().toISOString().slice(0, 19)}Z`;
  const kept = standing(record, wanted);
  let trouble = 'its pods have gone to rest';
  const isBack =
    kept !== undefined &&
    (await step(`traffic back to ${called(wanted)}`, () => sendBack(way, release, record, kept, why)).then(
      () => true,
      async (thrown: unknown) => {
        // Its pods may lack what an up has taken away since, their settings above all; the up that follows makes that anew.
        if (!undone(await recordOf(way, release), wanted, left)) throw thrown;
        trouble = thrown instanceof Error ? thrown.message : String(thrown);
        return false;
      },
    ));
  const isHalf = isBack || wanted.digest === left.digest;
  if (!isHalf) say(`  ${called(wanted)} is released again by the engine: ${trouble}`);

  const folder = mkdtempSync(join(tmpdir(), 'platform-back-'));
  try {
    const file = join(folder, `Pulumi.${stack}.yaml`);
    const then = { ...env, PULUMI_OPTION_CONFIG_FILE: file };
    const today = env.PULUMI_OPTION_CONFIG_FILE ?? join(project, `Pulumi.${stack}.yaml`);
    await step('find its configuration', () =>
      find({ stack, project, env: then, file, today, workload: release.name }, wanted).catch((thrown: unknown) => {
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        throw new Error(isHalf ? `${message}\n\n${HALF}` : message);
      }),
    );
    await step('pulumi up', () => up({ ...then, [LEAVING]: why }, project, isHalf));
    told({ ...release, wanted, left: left.digest === wanted.digest ? undefined : left.digest, why });
    const edits = changes(readFileSync(today, 'utf8'), readFileSync(file, 'utf8'));
    say(
      edits.length === 0
        ? `\nThe configuration of ${stack} is what it was then.`
        : `\nPulumi.${stack}.yaml still says what was left; every up with it is refused. Commit:\n${edits.map((edit) => `  ${edit}`).join('\n')}`,
    );
    return { live: wanted, atOnce: isBack, edits };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether going back was tried and undone, with nothing known against the version. */
const undone = ({ phase, good, outcome }: ReleaseRecord, wanted: Past, left: Good): boolean =>
  phase === 'settled' &&
  good?.digest === left.digest &&
  outcome?.verdict === 'error' &&
  outcome.digest === wanted.digest;

const HALF =
  'The traffic is back already, and what was left is refused by every up. Put the version that is live into the configuration and run up.';

interface Search {
  readonly stack: string;
  readonly project: string;
  readonly env: Env;
  /** Where the configuration that was found is written. */
  readonly file: string;
  readonly today: string;
  readonly workload: string;
}

/** Writes the configuration with which this checkout makes the wanted version: the plan decides, not the time alone. */
async function find({ stack, project, env, file, today, workload }: Search, wanted: Past): Promise<void> {
  const present = readFileSync(today, 'utf8');
  // The configuration file of then is not there yet.
  const reading = { ...env, PULUMI_OPTION_CONFIG_FILE: today };
  const history = JSON.parse(
    await run(['pulumi', 'stack', 'history', '--json', '--page-size', '100', '--stack', stack], {
      env: reading,
      cwd: project,
    }),
  ) as Update[] | null;
  const candidates = around(history ?? [], Date.parse(wanted.since));
  const problems: string[] = [];
  for (const update of candidates) {
    try {
      writeFileSync(file, configurationOf(update, present), { mode: 0o600 });
      const digest = await planned(env, project, workload);
      if (digest === wanted.digest) return;
      problems.push(`${update.startTime}: it makes ${digest === undefined ? 'no such workload' : short(digest)}`);
    } catch (thrown) {
      problems.push(`${update.startTime}: ${thrown instanceof Error ? thrown.message.trim() : String(thrown)}`);
    }
  }
  const commit = candidates[0]?.environment?.['git.head'];
  const hint = commit === undefined ? '' : ` The nearest update was made from commit ${commit}.`;
  throw new Error(
    `${workload}: no update in the history of ${stack} makes ${called(wanted)} with this checkout, which may have changed since. ` +
      `Check out what it was made from and run this again.${hint}\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  );
}

interface PlannedStep {
  readonly urn: string;
  readonly newState?: { readonly inputs?: { readonly name?: string; readonly template?: Template } };
}
interface Template {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
}

/** The digest that a configuration would release. */
async function planned(env: Env, project: string, workload: string): Promise<string | undefined> {
  const output = await run(['pulumi', 'preview', '--json', '--show-sames'], { env, cwd: project });
  const { steps = [] } = JSON.parse(output) as { steps?: readonly PlannedStep[] };
  const own = steps.find(({ urn, newState }) => /:Release::/.test(urn) && newState?.inputs?.name === workload);
  return own?.newState?.inputs?.template?.metadata?.annotations?.[DIGEST];
}

async function up(env: Env, project: string, isHalf: boolean): Promise<void> {
  try {
    const command = ['pulumi', 'up', '--yes', '--skip-preview', '--suppress-outputs', '--color=never'];
    await run(command, { env, cwd: project, onLine: (line) => now(line.trim()) });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const next = isHalf ? HALF : 'What is live is what was live before.';
    throw new Error(`pulumi up failed:\n${diagnostics(error.output)}\n\n${next}`);
  }
}

function told(end: {
  readonly name: string;
  readonly wanted: Past;
  readonly left: string | undefined;
  readonly why: string;
}): void {
  const away = end.left === undefined ? '' : ` ${short(end.left)} is rejected: ${end.why}.`;
  say(`\n${end.name} is back on ${called(end.wanted)}, and the state agrees.${away}`);
}

export default async function (args: readonly string[]): Promise<void> {
  const { STACK, TO, NAME } = settingsOf(args, ['STACK', 'TO', 'NAME']);
  const stack = requireStack(STACK);
  await rollback({
    ...{ stack, project: CHECKOUT, env: await deployedEnv(stack) },
    ...(TO !== undefined && { to: TO }),
    ...(NAME !== undefined && { name: NAME }),
  });
}
