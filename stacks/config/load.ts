/** From a stack's raw configuration to checked settings. The only reader of Pulumi's configuration. */
import * as pulumi from '@pulumi/pulumi';
import type * as z from 'zod/mini';
import { InputRefused, nearest, Problems, shown, type Problem } from '../../components/core/index.ts';
import { shapeOf } from './setting.ts';
import type { AboutSecret, System } from './system.ts';
import { SYSTEMS, USUAL, type SecretKeyOf, type SettingsOf, type SystemName } from './systems/index.ts';

/** What the engine hands over: every key with its text, and which of them are encrypted. */
export interface RawConfig {
  /** Full keys, like `platform:api`. Anything but text is JSON. */
  readonly values: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

/** The settings of a system, and the secrets that people bring to it. A secret that was not given is absent. */
export interface Configuration<N extends SystemName = typeof USUAL> {
  readonly settings: SettingsOf<N>;
  readonly secrets: Readonly<Partial<Record<SecretKeyOf<N>, pulumi.Output<string>>>>;
}

const PROJECT = 'platform';

/** All of it is read before anything is made. */
const UNCHANGED = 'nothing was changed';

/** What the engine hands to the running program, and what to call it in a message. */
const running = (): readonly [RawConfig, string] => [
  {
    values: pulumi.runtime.allConfig(),
    secretKeys: JSON.parse(process.env['PULUMI_CONFIG_SECRET_KEYS'] || '[]') as string[],
  },
  `the configuration of stack "${pulumi.getStack()}"`,
];

/**
 * Which system the running stack is.
 *
 * @throws InputRefused where it names one that there is not
 */
export const runningSystem = (): SystemName => systemIn(...running());

/**
 * Reads and checks the configuration of the running stack.
 *
 * @param system the one that {@link runningSystem} found
 * @throws InputRefused with every problem found, each on one line
 */
export function loadConfiguration<N extends SystemName>(system: N): Configuration<N> {
  const settings = parse(...running(), system);
  const config = new pulumi.Config(PROJECT);
  const secrets = Object.fromEntries(
    Object.keys(SYSTEMS[system].secretKeys).flatMap((key) => {
      const value = config.getSecret(key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
  return { settings, secrets } as Configuration<N>;
}

/** Which system a raw configuration names in `stack.system`. Pure. @throws InputRefused where there is no such system */
export function systemIn({ values, secretKeys }: RawConfig, source: string): SystemName {
  const key = `${PROJECT}:stack`;
  const encrypted = secretKeys.includes(key);
  const stack = decoded(values[key] ?? '{}');
  if (encrypted || stack === null || typeof stack !== 'object' || Array.isArray(stack)) {
    const found = encrypted ? 'a secret' : shown(stack);
    throw new InputRefused(source, [{ where: 'stack', found, wanted: 'a group, with stack.system' }], UNCHANGED);
  }
  const named: unknown = 'system' in stack ? stack.system : USUAL;
  if (Object.hasOwn(SYSTEMS, named as PropertyKey)) return named as SystemName;
  const wanted = `one of ${Object.keys(SYSTEMS).join(', ')}`;
  throw new InputRefused(source, [{ where: 'stack.system', found: shown(named), wanted }], UNCHANGED);
}

/**
 * Checks a raw configuration. Pure.
 *
 * @param source what to call it in the message
 * @param system whose settings it has to be
 */
export function parse<N extends SystemName = typeof USUAL>(
  { values, secretKeys }: RawConfig,
  source: string,
  system: N = USUAL as N,
): SettingsOf<N> {
  // Its rules take what its own schema has let pass.
  const wanted = SYSTEMS[system] as unknown as System;
  const problems = new Problems();
  const given: [string, unknown][] = [];
  const secrets = new Set<string>();
  for (const [key, text] of Object.entries(values)) {
    const [project, name] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)];
    const secret = secretKeys.includes(key);
    if (project === 'pulumi') continue; // the engine's own, like pulumi:tags
    if (project !== PROJECT) problems.add(foreign(key));
    else if (Object.hasOwn(wanted.secretKeys, name)) {
      secrets.add(name);
      checkSecret(name, text, secret, wanted.secretKeys[name]!.form, problems);
    } else given.push([name, secret ? ENCRYPTED : decoded(text)]);
  }
  // Not by assignment: a key may be called `__proto__`.
  const groups = Object.fromEntries(given);
  const result = wanted.settings.safeParse(groups);
  for (const issue of result.error?.issues ?? []) note(issue, groups, wanted, problems);
  if (result.success) for (const rule of wanted.rules) rule(result.data, problems, secrets);
  problems.throwIfAny(source, UNCHANGED);
  return frozen(result.data as SettingsOf<N>);
}

/** Stands for a group that somebody encrypted, so that nothing of it is ever printed. */
const ENCRYPTED = Symbol('encrypted');

/** Text that is JSON stands for what it says; any other text stands for itself. */
function decoded(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const foreign = (key: string) => ({
  where: key,
  found: 'a setting of something else',
  wanted: `only settings of "${PROJECT}"`,
  remedy: 'the provider is set up by cluster.*; remove this key',
});

const PEM = /^-----BEGIN [A-Z -]+-----\r?\n[\s\S]+\n-----END [A-Z -]+-----\s*$/;

function checkSecret(key: string, text: string, secret: boolean, form: AboutSecret['form'], problems: Problems): void {
  problems.require(secret, {
    where: key,
    found: 'plain text',
    wanted: 'a secret',
    remedy: `run \`pulumi config set --secret ${key}${form === 'pem' ? ' < FILE' : ''}\` and replace the value, which is no secret any more`,
  });
  if (form === 'pem') {
    problems.require(!secret || PEM.test(text), {
      where: key,
      found: text === '' ? 'an empty secret' : 'a secret that is no PEM',
      wanted: 'text that begins with "-----BEGIN " and ends with "-----"',
      remedy: `run \`pulumi config set --secret ${key} < FILE\``,
    });
    return;
  }
  problems.require(!secret || /^[\x21-\x7e]+$/.test(text), {
    where: key,
    found: text === '' ? 'an empty secret' : 'a secret with blanks or unprintable characters',
    wanted: 'a value without them',
    remedy: `run \`pulumi config set --secret ${key}\``,
  });
}

/** Turns one finding of the schema into problems: one a key for unknown keys, one otherwise. */
function note(issue: z.core.$ZodIssue, input: unknown, system: System, problems: Problems): void {
  const path = issue.path.map(String);
  const found = at(input, path);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) problems.add(unknownKey(path, key, system));
  } else if (found === ENCRYPTED) {
    problems.add({
      where: path.join('.'),
      found: 'a secret',
      wanted: 'plain text, because it ends up in names and manifests',
      remedy: "write it into the stack's file",
    });
  } else {
    problems.add({ where: path.join('.'), found: shown(found), wanted: issue.message });
  }
}

/** The value is left out: a mistyped key may be that of a secret. */
function unknownKey(path: readonly string[], key: string, system: System): Problem {
  const known = knownKeys(path, system);
  const near = nearest(key, known);
  return {
    where: [...path, key].join('.'),
    found: 'an unknown key',
    wanted: near === undefined ? `one of ${known.join(', ')}` : `"${near}", the nearest known key`,
  };
}

function knownKeys(path: readonly string[], { settings, secretKeys }: System): string[] {
  const schema = path.reduce<unknown>((group, key) => shapeOf(group)![key], settings);
  const own = Object.keys(shapeOf(schema)!);
  return (path.length === 0 ? [...own, ...Object.keys(secretKeys)] : own).toSorted();
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

function frozen<T>(value: T): T {
  if (value !== null && typeof value === 'object') Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
