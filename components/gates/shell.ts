/**
 * Dynamic resources whose code stays out of the state. The state keeps a shell, the same few lines for every resource;
 * what the resource does is an ordinary module, imported from the project's root when it runs. So mending that module
 * changes no resource, a stored shell can always be deleted, and nothing of the program can be captured by accident.
 *
 * The SDK makes such a text by serialising functions, for which it loads the TypeScript compiler into every run: about
 * 0.35 s and 80 MiB here. The text below is what the provider host asks for, written down.
 */
import * as pulumi from '@pulumi/pulumi';

type Failures = readonly { readonly property: string; readonly reason: string }[];

/** What the module behind a shell exports. Both get plain inputs, secrets unwrapped. */
export interface Runner {
  create(inputs: Record<string, unknown>): Promise<{ id: string; outs: Record<string, unknown> }>;
  update(
    id: string,
    before: Record<string, unknown>,
    inputs: Record<string, unknown>,
  ): Promise<{ outs: Record<string, unknown> }>;
  /**
   * Whether there is something to do; `byState` is what the stored state alone says. For shells that ask the runner.
   * Plans are made with it too: it changes nothing, and what it cannot ask it leaves to the state.
   */
  differs?(before: Record<string, unknown>, inputs: Record<string, unknown>, byState: boolean): Promise<boolean>;
  /** Why the inputs are refused, in words; `before` is empty for a new resource. For shells that check. */
  check?(before: Record<string, unknown>, inputs: Record<string, unknown>): Failures | Promise<Failures>;
  /** Removes what was made. For shells that remove. */
  remove?(id: string, state: Record<string, unknown>): Promise<void>;
}

/**
 * The text. `differ` needs every input except those named in `ignored`, and takes anything but `pass` in a stored
 * `verdict` for a difference: a refresh forgets that a resource failed, the verdict does not.
 *
 * @param runner path of the module from the project's root
 * @param ignored outputs, and inputs that a change of which asks for no update
 * @param reads whether the runner can `read`, so that a refresh sees what is really there
 * @param checks whether the runner can `check`, so that a plan is refused
 * @param asks whether the runner tells what differs, for what the state cannot know
 * @param removes whether the runner can `remove`, for what does not go with something else
 */
export const shell = (
  runner: string,
  ignored: readonly string[],
  reads = false,
  checks = false,
  asks = false,
  removes = false,
): string => `'use strict';
const runner = async () => {
  const { resolve } = await import('node:path');
  const { pathToFileURL } = await import('node:url');
  return import(pathToFileURL(resolve(${JSON.stringify(runner)})).href);
};
const ignored = new Set(${JSON.stringify(['__provider', ...ignored].toSorted())});
const differ = (a, b) => {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a !== b;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].some((key) => differ(a[key], b[key]));
};
const judged = (all) => Object.fromEntries(Object.entries(all).filter(([key]) => !ignored.has(key)));
exports.handler = () => ({
${checks ? CHECK : ''}  async diff(id, before, inputs) {
${asks ? '' : SHUT}    ${asks ? ASK : 'return { changes: shut || differ(judged(before), judged(inputs)) };'}
  },
  async create(inputs) {
    return (await runner()).create(inputs);
  },
  async update(id, before, inputs) {
    return (await runner()).update(id, before, inputs);
  },
${reads ? READ : ''}${removes ? REMOVE : '  async delete() {},\n'}});
`;

const READ = `  async read(id, state) {
    return (await runner()).read(id, state);
  },
`;

const REMOVE = `  async delete(id, state) {
    await (await runner()).remove(id, state);
  },
`;

const SHUT = `    const shut = 'verdict' in before && before.verdict !== 'pass';
`;

const ASK = `const byState = differ(judged(before), judged(inputs));
    return { changes: await (await runner()).differs(before, inputs, byState) };`;

const CHECK = `  async check(before, inputs) {
    return { inputs, failures: await (await runner()).check(before, inputs) };
  },
`;

/** Where a shelled resource's code is, and what stands in its state beside its inputs. */
export interface Shelled {
  /** The folder, as it stands in the type: `pulumi-nodejs:dynamic/<folder>:<type>`. */
  readonly folder: string;
  readonly type: string;
  /** Path of the {@link Runner} from the project's root. */
  readonly runner: string;
  readonly outputs: readonly string[];
  /** Inputs whose change asks for no update. */
  readonly ignored?: readonly string[];
  /**
   * Whether the runner also exports `read(id, state)`, which a refresh calls.
   * @default false
   */
  readonly reads?: boolean;
  /**
   * Whether the runner also exports `check(before, inputs)`, which may refuse a change while the plan is made.
   * @default false
   */
  readonly checks?: boolean;
  /**
   * Whether the runner also exports `differs(before, inputs, byState)`, which decides in the state's place.
   * @default false
   */
  readonly asks?: boolean;
  /**
   * Whether the runner also exports `remove(id, state)`, which a destroy calls. `state` has what the runner gave back.
   * @default false
   */
  readonly removes?: boolean;
}

/**
 * A dynamic resource with a shell. Unless it `removes`, its `delete` does nothing: what it leaves behind must go with something
 * else.
 */
export abstract class ShelledResource extends pulumi.CustomResource {
  protected constructor(
    {
      folder,
      type,
      runner,
      outputs,
      ignored = [],
      reads = false,
      checks = false,
      asks = false,
      removes = false,
    }: Shelled,
    name: string,
    inputs: pulumi.Inputs,
    options: pulumi.CustomResourceOptions,
  ) {
    const unset = Object.fromEntries(outputs.map((output) => [output, undefined]));
    const __provider = shell(runner, [...outputs, ...ignored], reads, checks, asks, removes);
    super(`pulumi-nodejs:dynamic/${folder}:${type}`, name, { ...unset, ...inputs, __provider }, options);
  }
}
