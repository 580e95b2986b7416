/**
 * Plans: against a stack's own state where that can be reached, else against a backend that is thrown away, with plugins
 * that repeat what they are given. Nothing is changed either way.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { CHECKOUT, STATE } from '../host/paths.ts';
import { say } from '../host/progress.ts';
import { CommandFailed, run } from '../host/run.ts';
import { completeCli } from './cli.ts';
import { applyingEcho, engineEnv } from './index.ts';
import { hostPlugins, prepareStack, projectName, stackFile } from './stack.ts';

type Env = Record<string, string>;

/** What the engine says of a plan: `pulumi preview --json`. Secrets stand in it as `[secret]`. */
export interface Plan {
  readonly steps?: readonly Step[];
  readonly changeSummary?: Readonly<Record<string, number>>;
  readonly diagnostics?: readonly { readonly severity: string; readonly message: string; readonly urn?: string }[];
}

export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string }>> | null;
  readonly diffReasons?: readonly string[];
  readonly replaceReasons?: readonly string[];
}

/** @throws when the tree has no configuration for it */
export function requireStack(stack: string | undefined): string {
  if (stack === undefined || stack === '') throw new Error('which stack? STACK=local, for example');
  if (existsSync(join(CHECKOUT, `Pulumi.${stack}.yaml`))) return stack;
  throw new Error(`there is no Pulumi.${stack}.yaml in ${CHECKOUT}: STACK names the stack of one that is there`);
}

/**
 * The environment in which a deployed stack can be read: the sandbox's own engine, else the Pulumi that whoever calls is
 * logged into. Nothing where neither has such a stack.
 */
export async function ownStack(stack: string): Promise<Env | undefined> {
  if (existsSync(stackFile(STATE, projectName(CHECKOUT), stack))) {
    const kubeconfig = join(STATE, 'kubeconfig');
    const needed = hostPlugins(stack);
    const env = await engineEnv({ state: STATE, needed, ...(existsSync(kubeconfig) && { kubeconfig }) });
    return prepareStack({ state: STATE, env, stack });
  }
  if (completeCli(process.env.PATH ?? '') === undefined) return undefined;
  const env = { PULUMI_STACK: stack, PULUMI_SKIP_UPDATE_CHECK: 'true' };
  try {
    await run(['pulumi', 'stack', '--show-name', '--non-interactive'], { cwd: CHECKOUT, env });
    return env;
  } catch (error) {
    // Not logged in, or no such stack there: either way there is nothing to compare with.
    if (error instanceof CommandFailed) return undefined;
    throw error;
  }
}

/** Plans the checkout. A plan that fails is an answer too, as long as the engine says why. */
export async function plan(env: Env, project: string): Promise<{ plan: Plan; failed: boolean }> {
  try {
    return {
      plan: JSON.parse(await run(['pulumi', 'preview', '--json'], { env, cwd: project })) as Plan,
      failed: false,
    };
  } catch (error) {
    const start = error instanceof CommandFailed ? error.output.indexOf('{\n') : -1;
    if (!(error instanceof CommandFailed) || start < 0) throw error;
    return { plan: JSON.parse(error.output.slice(start)) as Plan, failed: true };
  }
}

/**
 * The engine writes its whole state down at every step, so that a kill loses nothing. Of a plan that is thrown away nothing
 * can be lost: written once at the end, the plan of production takes a quarter of the time.
 */
const UNWRITTEN = { PULUMI_EXPERIMENTAL: 'true', PULUMI_SKIP_CHECKPOINTS: 'true' } as const;

/** A state folder with echoing plugins, gone when the work is done. */
export async function throwAway<T>(work: (state: string, env: Env) => Promise<T>): Promise<T> {
  const state = mkdtempSync(join(tmpdir(), 'platform-plan-'));
  try {
    const env = await engineEnv({ state, plugins: 'echo' });
    // Where a file is in the way of its folder of logs, the engine keeps none: compressing them is a third of its work.
    writeFileSync(join(env.PULUMI_HOME!, 'logs'), '');
    return await work(state, { ...env, ...UNWRITTEN });
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

const PEM = '-----BEGIN STAND-IN-----\nstand-in\n-----END STAND-IN-----\n';

/** What a plan takes for a secret that it cannot open. Certificates and their keys have to look like some. */
const standIn = (key: string): string => (/:tls(Certificate|Key)$/.test(key) ? PEM : 'stand-in');

/** A stack of the throw-away backend as a project's files describe it, with a stand-in for each secret of its configuration. */
export async function plannedStack(state: string, env: Env, stack: string, project: string): Promise<Env> {
  const ready = await prepareStack({ state, env, stack, project });
  const file = ready.PULUMI_OPTION_CONFIG_FILE!;
  const content = load(readFileSync(file, 'utf8')) as { config: Record<string, unknown> };
  const isEncrypted = (value: unknown) => value !== null && typeof value === 'object' && 'secure' in value;
  const secrets = Object.keys(content.config).filter((key) => isEncrypted(content.config[key]));
  if (secrets.length === 0) return ready;
  // Only the stack's own key opens them, and a plan needs none of them.
  for (const key of secrets) Reflect.deleteProperty(content.config, key);
  writeFileSync(file, dump(content));
  for (const key of secrets) {
    await run(['pulumi', 'config', 'set', '--secret', key], { env: ready, cwd: project, input: standIn(key) });
  }
  return ready;
}

/** Makes a stack of the throw-away backend what a project's program says. Nothing real comes of it. */
export async function applyPlan(state: string, env: Env, stack: string, project: string): Promise<Env> {
  const ready = await plannedStack(state, env, stack, project);
  await run(['pulumi', 'up', '--yes', '--skip-preview'], { env: applyingEcho(ready), cwd: project });
  return ready;
}

/** The tree of another git ref in a folder beside, gone when the work is done. It borrows the installed packages. */
export async function withTree<T>(ref: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(mkdtempSync(join(tmpdir(), 'platform-base-')), 'tree');
  const git = (...args: string[]) => run(['git', ...args], { cwd: CHECKOUT });
  try {
    await git('worktree', 'add', '--detach', folder, ref);
    const [theirs, ours] = [folder, CHECKOUT].map((at) => readFileSync(join(at, 'package-lock.json'), 'utf8'));
    if (theirs !== ours) say(`  ${ref} has another package-lock.json; it is planned with the packages installed here`);
    symlinkSync(join(CHECKOUT, 'node_modules'), join(folder, 'node_modules'));
    return await work(folder);
  } finally {
    if (existsSync(folder)) await git('worktree', 'remove', '--force', folder);
    rmSync(join(folder, '..'), { recursive: true, force: true });
  }
}
