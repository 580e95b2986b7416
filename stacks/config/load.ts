/** From a stack's raw configuration to checked settings. The only reader of Pulumi's configuration. */
import * as pulumi from '@pulumi/pulumi';
import type * as z from 'zod/mini';
import { nearest, Problems, shown, type Problem } from '../../components/core/index.ts';
import { checkRules } from './rules/index.ts';
import { SECRET_KEYS, SETTINGS, type SecretKey, type Settings } from './schema.ts';
import { shapeOf } from './setting.ts';

/** What the engine hands over: every key with its text, and which of them are encrypted. */
export interface RawConfig {
  /** Full keys, like `platform:api`. Anything but text is JSON. */
  readonly values: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

/** The settings, and the secrets that people bring. A secret that was not given is absent. */
export interface Configuration {
  readonly settings: Settings;
  readonly secrets: Readonly<Partial<Record<SecretKey, pulumi.Output<string>>>>;
}

const PROJECT = 'platform';

/**
 * Reads and checks the configuration of the running stack.
 *
 * @throws InputRefused with every problem found, each on one line
 */
export function loadConfiguration(): Configuration {
  const settings = parse(
    {
      values: pulumi.runtime.allConfig(),
      secretKeys: JSON.parse(process.env['PULUMI_CONFIG_SECRET_KEYS'] || '[]') as string[],
    },
    `the configuration of stack "${pulumi.getStack()}"`,
  );
  const config = new pulumi.Config(PROJECT);
  const secrets = Object.fromEntries(
    Object.keys(SECRET_KEYS).flatMap((key) => {
      const value = config.getSecret(key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
  return { settings, secrets };
}

/**
 * Checks a raw configuration. Pure.
 *
 * @param source what to call it in the message
 */
export function parse({ values, secretKeys }: RawConfig, source: string): Settings {
  const problems = new Problems();
  const given: [string, unknown][] = [];
  for (const [key, text] of Object.entries(values)) {
    const [project, name] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)];
    const secret = secretKeys.includes(key);
    if (project === 'pulumi') continue; // the engine's own, like pulumi:tags
    if (project !== PROJECT) problems.add(foreign(key));
    else if (Object.hasOwn(SECRET_KEYS, name)) checkSecret(name, text, secret, problems);
    else given.push([name, secret ? ENCRYPTED : decoded(text)]);
  }
  // Not by assignment: a key may be called `__proto__`.
  const groups = Object.fromEntries(given);
  const result = SETTINGS.safeParse(groups);
  for (const issue of result.error?.issues ?? []) note(issue, groups, problems);
  if (result.success) {
    checkRules(result.data, problems);
    checkSecretsPresent(result.data, values, problems);
  }
  problems.throwIfAny(source);
  return frozen(result.data as Settings);
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

function checkSecret(key: string, text: string, secret: boolean, problems: Problems): void {
  problems.require(secret, {
    where: key,
    found: 'plain text',
    wanted: 'a secret',
    remedy: `run \`pulumi config set --secret ${key}\` and replace the value, which is no secret any more`,
  });
  problems.require(!secret || /^[\x21-\x7e]+$/.test(text), {
    where: key,
    found: text === '' ? 'an empty secret' : 'a secret with blanks or unprintable characters',
    wanted: 'a value without them',
    remedy: `run \`pulumi config set --secret ${key}\``,
  });
}

function checkSecretsPresent({ api, secrets }: Settings, values: RawConfig['values'], problems: Problems): void {
  if (secrets.source === 'external') {
    for (const key of Object.keys(SECRET_KEYS)) {
      problems.require(!Object.hasOwn(values, `${PROJECT}:${key}`), {
        where: key,
        found: 'a secret',
        wanted: 'none while secrets.source is "external": nobody would read it',
        remedy: `run \`pulumi config rm ${key}\` after its value is in the secrets manager`,
      });
    }
    return;
  }
  const missing = ['alphaVantageApiKey', 'newsApiKey'].filter((key) => !Object.hasOwn(values, `${PROJECT}:${key}`));
  problems.require(api.externalSources === 'off' || missing.length === 0, {
    where: 'api.externalSources',
    found: '"on"',
    wanted: `"off" while ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set`,
    remedy: missing.map((key) => `run \`pulumi config set --secret ${key}\``).join(' and '),
  });
}

/** Turns one finding of the schema into problems: one a key for unknown keys, one otherwise. */
function note(issue: z.core.$ZodIssue, input: unknown, problems: Problems): void {
  const path = issue.path.map(String);
  const found = at(input, path);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) problems.add(unknownKey(path, key));
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
function unknownKey(path: readonly string[], key: string): Problem {
  const known = knownKeys(path);
  const near = nearest(key, known);
  return {
    where: [...path, key].join('.'),
    found: 'an unknown key',
    wanted: near === undefined ? `one of ${known.join(', ')}` : `"${near}", the nearest known key`,
  };
}

function knownKeys(path: readonly string[]): string[] {
  const schema = path.reduce<unknown>((group, key) => shapeOf(group)![key], SETTINGS);
  const own = Object.keys(shapeOf(schema)!);
  return (path.length === 0 ? [...own, ...Object.keys(SECRET_KEYS)] : own).toSorted();
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

function frozen<T>(value: T): T {
  if (value !== null && typeof value === 'object') Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
