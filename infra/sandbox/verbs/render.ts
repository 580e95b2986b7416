/**
 * `make render STACK=s OUT=dir`: every Kubernetes object of a stack as YAML, one file each, named
 * `<namespace>_<kind>_<name>.yaml`; an object of no namespace begins with `cluster`. No secret is in them: real ones are
 * never asked for, and stand-ins are blacked out. Two renderings of the same tree are the same, byte for byte.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { dump } from 'js-yaml';
import { applyPlan, requireStack, throwAway } from '../engine/plan.ts';
import { CHECKOUT } from '../host/paths.ts';
import { say, step } from '../host/progress.ts';
import { run } from '../host/run.ts';
import { settingsOf } from '../settings.ts';

type Yaml = Record<string, unknown>;

interface Exported {
  readonly deployment: { readonly resources?: readonly { readonly type: string; readonly inputs?: Yaml }[] };
}

const SIGNATURE = '4dabf18193072939515e22adb298388d';
const REDACTED = '[secret]';
/** What the last rendering wrote into the folder, a name a line: the next one removes these and nothing else. */
const INDEX = '.rendered';

const isMap = (value: unknown): value is Yaml => value !== null && typeof value === 'object' && !Array.isArray(value);

/** A secret with its shape kept: every value in it is blacked out. */
function blackened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(blackened);
  if (!isMap(value)) return REDACTED;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, blackened(inner)]));
}

/** The SDK spells `x-kubernetes-…` of definitions with underscores; the provider puts the hyphens back. */
const spelled = (key: string): string => (key.startsWith('x_kubernetes_') ? key.replaceAll('_', '-') : key);

/** A value as it may be shown. */
function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (!isMap(value)) return value;
  if (SIGNATURE in value) return blackened(JSON.parse(value.plaintext as string));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [spelled(key), redacted(inner)]));
}

/** `data` holds base 64, which the blackening is not: it is shown as what it was made from. */
function shown(inputs: Yaml): Yaml {
  const object = redacted(inputs) as Yaml;
  if (object.kind !== 'Secret' || !isMap(object.data)) return object;
  const { data, ...rest } = object;
  return { ...rest, stringData: data };
}

export default async function (args: readonly string[]): Promise<void> {
  const { STACK, OUT } = settingsOf(args, ['STACK', 'OUT']);
  const stack = requireStack(STACK);
  if (OUT === undefined || OUT === '') throw new Error('where to? OUT=dir');

  const { deployment } = await throwAway(async (state, env) => {
    const ready = await step(`plan ${stack}`, () => applyPlan(state, env, stack, CHECKOUT));
    // What is secret here was made up for this plan.
    const command = ['pulumi', 'stack', 'export', '--show-secrets'];
    return JSON.parse(await run(command, { env: ready, cwd: CHECKOUT })) as Exported;
  });
  const objects = (deployment.resources ?? []).filter(({ type }) => type.startsWith('kubernetes:'));
  const folder = resolve(OUT);
  mkdirSync(folder, { recursive: true });
  const index = join(folder, INDEX);
  const before = existsSync(index) ? readFileSync(index, 'utf8').split('\n').filter(Boolean) : [];
  for (const name of before) rmSync(join(folder, basename(name)), { force: true });
  const written: string[] = [];
  for (const { inputs = {} } of objects) {
    const object = shown(inputs);
    const { namespace = 'cluster', name } = object.metadata as { namespace?: string; name: string };
    const text = dump(object, { sortKeys: true, lineWidth: 120, noRefs: true });
    const file = `${namespace}_${String(object.kind)}_${name}.yaml`;
    writeFileSync(join(folder, file), text);
    written.push(file);
  }
  writeFileSync(index, `${written.toSorted().join('\n')}\n`);
  say(`${objects.length} objects of ${stack} in ${folder}`);
}
