/**
 * The real engine for tests: a stack of its own on a file backend in a temporary folder, no cluster needed.
 *
 *     const stack = await engine({ source: `import …; export const a = 1;`, config: { 'test:a': '1' } });
 *     await stack.up();                                 // throws unless it succeeds
 *     const { output } = await stack.up({ fails: true }); // throws unless it fails
 *     await stack.remove();
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineEnv, prepareStack, type EngineOptions } from '../../../infra/sandbox/engine/index.ts';
import { CHECKOUT } from '../../../infra/sandbox/host/paths.ts';
import { CommandFailed, run } from '../../../infra/sandbox/host/run.ts';

export interface EngineTestOptions {
  /** The text of the program, TypeScript. It may import `./components/…` and any package of the checkout. */
  readonly source?: string;
  /** Instead of `source`: a folder with a Pulumi.yaml. Without both, the checkout itself. */
  readonly program?: string;
  /** Default: `test`. The checkout's own stacks have configuration files of their own. */
  readonly stack?: string;
  /** Configuration by full key, laid over the program's own file: `{ 'test:replicas': 2 }`. */
  readonly config?: Record<string, unknown>;
  readonly kubeconfig?: string;
  /** Which plugins to take; see `EngineOptions` of the engine. */
  readonly plugins?: EngineOptions['plugins'];
  /** Added to the environment of every command. */
  readonly env?: Record<string, string>;
  /** A state folder to go on with. Default: a new one. */
  readonly state?: string;
}

export interface CommandOptions {
  /** The command must fail; the test goes on with what it printed. */
  readonly fails?: boolean;
  readonly args?: readonly string[];
  /** Added to the environment of this command. */
  readonly env?: Record<string, string>;
  /** Milliseconds until the engine is killed. Default: 900 000, for tests that only have what others leave of the processor. */
  readonly timeout?: number;
}

/** One line of the engine's event log; each holds one of many kinds, named by the only other key. */
export type EngineEvent = { readonly sequence: number; readonly timestamp: number } & Record<string, unknown>;

export interface Outcome {
  /** Everything the command printed. */
  readonly output: string;
  readonly events: readonly EngineEvent[];
}

/** A resource as the state file holds it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
  readonly initErrors?: readonly string[];
}

export interface Plan {
  readonly steps: readonly { readonly op: string; readonly urn: string; readonly newState?: StateResource }[];
  readonly changeSummary: Readonly<Record<string, number>>;
}

export interface EngineTest {
  readonly state: string;
  /** The folder of Pulumi.yaml. */
  readonly project: string;
  /** The environment of every command. */
  readonly env: Readonly<Record<string, string>>;
  up(options?: CommandOptions): Promise<Outcome>;
  destroy(options?: CommandOptions): Promise<Outcome>;
  refresh(options?: CommandOptions): Promise<Outcome>;
  /** The engine's own plan. A plan that fails throws. */
  preview(options?: Omit<CommandOptions, 'fails'>): Promise<Plan>;
  /** Any other command. */
  pulumi(args: readonly string[], options?: CommandOptions): Promise<Outcome>;
  /** The state as it is stored, secrets encrypted. */
  export(): Promise<readonly StateResource[]>;
  outputs(): Promise<Record<string, unknown>>;
  /** Other settings for the commands that follow. */
  configure(config: Record<string, unknown>): Promise<void>;
  /** Another program text for the commands that follow. */
  rewrite(source: string): void;
  /** Removes the folders. What the stack created must have been destroyed before. */
  remove(): void;
}

const LIMIT_MS = 900_000;
const LINKED = ['node_modules', 'components', 'infra', 'stacks'] as const;

/** A project around the text, with the checkout's folders in reach. */
function projectOf(folder: string, source: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'Pulumi.yaml'),
    'name: test\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.mjs\n',
  );
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(folder, 'index.mjs'), "export * from './program.ts';\n");
  writeFileSync(join(folder, 'program.ts'), source);
  for (const name of LINKED) {
    if (existsSync(join(CHECKOUT, name))) symlinkSync(join(CHECKOUT, name), join(folder, name));
  }
  return folder;
}

/** A plan that failed is a long text with its reasons in the middle. */
function explained(error: CommandFailed): Error {
  const json = error.output.slice(error.output.indexOf('{'));
  const { diagnostics = [] } = JSON.parse(json) as {
    diagnostics?: { severity: string; message: string; urn?: string }[];
  };
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return new Error(`the preview failed:\n${errors.map(({ urn, message }) => `${urn ?? ''} ${message}`).join('')}`);
}

export async function engine(options: EngineTestOptions): Promise<EngineTest> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'platform-engine-')));
  const state = options.state ?? join(root, 'state');
  const stack = options.stack ?? 'test';
  const project =
    options.source === undefined ? (options.program ?? CHECKOUT) : projectOf(join(root, 'project'), options.source);
  const base = {
    ...(await engineEnv({
      state,
      ...(options.kubeconfig && { kubeconfig: options.kubeconfig }),
      ...(options.plugins && { plugins: options.plugins }),
    })),
    ...options.env,
  };
  let overrides = options.config ?? {};
  const prepare = () => prepareStack({ state, env: base, stack, project, overrides });
  const env = await prepare();

  const pulumi = async (args: readonly string[], given: CommandOptions = {}): Promise<Outcome> => {
    const log = join(root, `events-${process.hrtime.bigint()}.json`);
    // The event log is a flag that only shows among the commands for debugging.
    const environment = { ...env, ...given.env, PULUMI_DEBUG_COMMANDS: 'true', PULUMI_OPTION_EVENT_LOG: log };
    const events = (): EngineEvent[] =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as EngineEvent)
        : [];
    try {
      const command = ['pulumi', ...args, ...(given.args ?? [])];
      const output = await run(command, { env: environment, cwd: project, timeout: given.timeout ?? LIMIT_MS });
      if (!given.fails) return { output, events: events() };
      throw new Error(`pulumi ${args.join(' ')} succeeded where it had to fail:\n${output}`);
    } catch (error) {
      if (given.fails && error instanceof CommandFailed && error.code !== null) {
        return { output: error.output, events: events() };
      }
      throw error;
    }
  };

  return {
    state,
    project,
    env,
    pulumi,
    up: (given) => pulumi(['up', '--yes', '--skip-preview'], given),
    destroy: (given) => pulumi(['destroy', '--yes', '--skip-preview'], given),
    refresh: (given) => pulumi(['refresh', '--yes', '--skip-preview'], given),
    preview: async (given) => {
      try {
        return JSON.parse((await pulumi(['preview', '--json'], given)).output) as Plan;
      } catch (error) {
        throw error instanceof CommandFailed ? explained(error) : error;
      }
    },
    outputs: async () => JSON.parse((await pulumi(['stack', 'output', '--json'])).output) as Record<string, unknown>,
    export: async () => {
      const { output } = await pulumi(['stack', 'export']);
      return (JSON.parse(output) as { deployment: { resources?: StateResource[] } }).deployment.resources ?? [];
    },
    configure: async (config) => {
      overrides = config;
      await prepare();
    },
    rewrite: (source) => writeFileSync(join(project, 'program.ts'), source),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
