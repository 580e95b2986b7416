/**
 * A stack of this checkout as the real engine plans it, with plugins that repeat what they are given: every object and
 * every gate, without a cluster. Secrets are made up for the plan, so they may be looked at.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dump, load } from 'js-yaml';
import { applyingEcho } from '../../../infra/sandbox/engine/index.ts';
import { plan, plannedStack, throwAway, type Plan } from '../../../infra/sandbox/engine/plan.ts';
import { CHECKOUT } from '../../../infra/sandbox/host/paths.ts';
import { run } from '../../../infra/sandbox/host/run.ts';
import { oncePerRun } from './once.ts';

/** Any Kubernetes object, as the program gives it to the provider. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: any;
}

/** A resource of the plan. */
export interface PlannedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, any>>;
  /** Guarded against deletion and replacement. */
  readonly protect?: boolean;
  /** What it waits for, by URN. */
  readonly dependencies?: readonly string[];
  readonly parent?: string;
}

export type Config = Record<string, Record<string, unknown>>;

export interface PlannedStack {
  /** Makes the plan the state of the stack. Nothing real comes of it. */
  apply(): Promise<void>;
  /** What is in the state, secrets opened. */
  resources(): Promise<readonly PlannedResource[]>;
  /** What another update would change. */
  preview(): Promise<Plan>;
  /** Writes the configuration of the stack anew, as text that is made of the present one. */
  rewrite(change: (config: Config) => Config): void;
}

const SIGNATURE = '4dabf18193072939515e22adb298388d';

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => value !== null && typeof value === 'object' && !Array.isArray(value);

/** The value with every secret in it opened. */
export function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (!isTree(value)) return value;
  if (SIGNATURE in value) return opened(JSON.parse(value.plaintext as string));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

interface Exported {
  readonly deployment: {
    readonly resources?: readonly (Omit<PlannedResource, 'name' | 'inputs'> & { inputs?: Tree })[];
  };
}

/**
 * A stack on a backend that is thrown away afterwards.
 *
 * @param overrides laid over the stack's own file, group by group
 * @param project the folder of Pulumi.yaml
 */
export function withPlanned<T>(
  stack: string,
  work: (planned: PlannedStack) => Promise<T>,
  overrides: Config = {},
  project: string = CHECKOUT,
): Promise<T> {
  return throwAway(async (state, env) => {
    const ready = await plannedStack(state, env, stack, project);
    const file = ready.PULUMI_OPTION_CONFIG_FILE!;
    const rewrite = (change: (config: Config) => Config): void => {
      const content = load(readFileSync(file, 'utf8')) as { config: Config };
      writeFileSync(file, dump({ ...content, config: change(content.config) }));
    };
    rewrite((config) => {
      const groups = Object.entries(overrides).map(([group, settings]) => [group, { ...config[group], ...settings }]);
      return { ...config, ...Object.fromEntries(groups) };
    });
    return work({
      rewrite,
      apply: async () => {
        await run(['pulumi', 'up', '--yes', '--skip-preview'], { env: applyingEcho(ready), cwd: project });
      },
      resources: async () => {
        const command = ['pulumi', 'stack', 'export', '--show-secrets'];
        const { deployment } = JSON.parse(await run(command, { env: ready, cwd: project })) as Exported;
        return (deployment.resources ?? []).map(({ inputs = {}, ...rest }) => ({
          ...{ ...rest, name: rest.urn.split('::').at(-1)!, inputs: opened(inputs) as Tree },
        }));
      },
      preview: async () => {
        const { plan: planned, failed } = await plan(ready, project);
        if (!failed) return planned;
        const errors = (planned.diagnostics ?? []).filter(({ severity }) => severity === 'error');
        throw new Error(`the preview of ${stack} failed:\n${errors.map(({ message }) => message).join('')}`);
      },
    });
  });
}

const applied = (stack: string, overrides?: Config, project?: string): Promise<readonly PlannedResource[]> =>
  withPlanned(
    stack,
    async (planned) => {
      await planned.apply();
      return planned.resources();
    },
    overrides,
    project,
  );

/** Every resource of a stack, once it has been applied to nothing. As its file describes it, it is made once for all tests. */
export const plannedResources = (
  stack: string,
  overrides?: Config,
  project?: string,
): Promise<readonly PlannedResource[]> =>
  overrides === undefined && project === undefined
    ? oncePerRun(`${stack}-applied`, () => applied(stack))
    : applied(stack, overrides, project);

/** A resource of a plan that is not applied: what nobody can know yet is {@link UNKNOWN}, what is secret `[secret]`. */
export interface NewResource extends PlannedResource {
  /** Outputs as far as they are known. */
  readonly outputs: Readonly<Record<string, any>>;
  /** Whose values each property is made of, by URN. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[] | null>>;
  readonly provider?: string;
}

export interface NewStack {
  readonly resources: readonly NewResource[];
  /** By operation: `{ create: 112 }`. */
  readonly changeSummary: Readonly<Record<string, number>>;
  readonly diagnostics: NonNullable<Plan['diagnostics']>;
}

export const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** The engine's plan of a stack that had nothing. */
export function newStack({ steps = [], changeSummary = {}, diagnostics = [] }: Plan): NewStack {
  const states = (
    steps as unknown as readonly { readonly newState: Partial<NewResource> & { urn: string; type: string } }[]
  ).map(({ newState }) => newState);
  const resources = states.map((state) => ({
    ...{ ...state, name: state.urn.split('::').at(-1)! },
    ...{ inputs: state.inputs ?? {}, outputs: state.outputs ?? {} },
    propertyDependencies: state.propertyDependencies ?? {},
  }));
  return { resources, changeSummary, diagnostics };
}

/** The plan of a stack as its file describes it, where there is nothing yet. It is made once for all tests. */
export const plannedFromNothing = (stack: string): Promise<NewStack> =>
  oncePerRun(`${stack}-planned`, () => withPlanned(stack, async (planned) => newStack(await planned.preview())));

/** The SDK spells `x-kubernetes-…` of definitions with underscores; the provider puts the hyphens back, and so does this. */
function hyphenated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hyphenated);
  if (!isTree(value)) return value;
  const name = (key: string): string => (key.startsWith('x_kubernetes_') ? key.replaceAll('_', '-') : key);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [name(key), hyphenated(inner)]));
}

/** The Kubernetes objects among resources, as the provider sends them. */
export const manifestsIn = (resources: readonly PlannedResource[]): Manifest[] =>
  resources
    .filter(({ type, inputs }) => type.startsWith('kubernetes:') && typeof inputs.kind === 'string')
    .map(({ inputs }) => (inputs.kind === 'CustomResourceDefinition' ? hyphenated(inputs) : inputs) as Manifest);

export const describe = ({ kind, metadata: { namespace, name } }: Manifest): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

/** The pod template of a workload, with where it stands; none for anything else. */
export function podTemplate(object: Manifest): { metadata?: Tree; spec: Record<string, any> } | undefined {
  const spec = object.kind === 'CronJob' ? object.spec?.jobTemplate?.spec : object.spec;
  const template = spec?.template;
  return isTree(template) && isTree(template.spec) && Array.isArray(template.spec.containers)
    ? (template as { spec: Record<string, any> })
    : undefined;
}
