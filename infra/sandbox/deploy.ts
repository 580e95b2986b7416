/** A stack on a running sandbox: deployed by the real engine, asked again by its own gates, written down. */
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { engineEnv, prepareStack } from './engine/index.ts';
import { CHECKOUT } from './host/paths.ts';
import { now, say, step, taken } from './host/progress.ts';
import { CommandFailed, run } from './host/run.ts';
import type { ImageArchive } from './images/index.ts';
import type { Instance } from './instance.ts';

/** The stacks made for one node of this machine. The others are for clusters of their own. */
export const STACKS = ['local', 'rehearsal', 'architect-rehearsal'] as const;
export type SandboxStack = (typeof STACKS)[number];

/** The file below the state folder that says what was deployed. The tests and verbs of `local` know it as the platform. */
const FILES = {
  local: 'platform.json',
  rehearsal: 'rehearsal.json',
  'architect-rehearsal': 'architect-rehearsal.json',
} as const satisfies Record<SandboxStack, string>;

/** Where the node's API server listens: pods see it there, behind the Service `kubernetes`. */
const API_SERVER_PORT = 6443;

const TIMESCALEDB = 'timescale/timescaledb';

/** What `up` leaves in a file of the state folder, {@link FILES}, for whoever comes after: people, the other verbs, the tests. */
export interface Deployed {
  readonly state: string;
  readonly kubeconfig: string;
  readonly stack: SandboxStack;
  readonly namespace: string;
  /** The address of the API or of the edge before it, as seen from this machine. */
  readonly api: string;
  /** Whether PostgreSQL has TimescaleDB. A volume that has met it cannot do without. */
  readonly timescaledb: boolean;
  /** The steps of the last `up` and their wall times. */
  readonly steps: readonly { readonly step: string; readonly seconds: number }[];
}

const fileOf = (state: string, stack: SandboxStack): string => join(state, FILES[stack]);

/**
 * TimescaleDB is in no registry: its image is there when `TIMESCALEDB_ARCHIVE` names a build of it. What a sandbox was
 * begun with, it keeps: the two images have other users, and a volume belongs to one of them.
 *
 * @throws when the sandbox was begun with it, and it is gone
 */
function timescaledb(state: string, images: readonly ImageArchive[]): boolean {
  const present = images.some(({ ref }) => ref.includes(TIMESCALEDB));
  const file = join(state, 'timescaledb');
  const begun = existsSync(file) ? readFileSync(file, 'utf8').trim() === 'with' : present;
  writeFileSync(file, begun ? 'with\n' : 'without\n');
  if (begun && !present) {
    throw new Error(
      'the database of this sandbox was made with TimescaleDB, and its image is not there; ' +
        'set TIMESCALEDB_ARCHIVE to the archive it was made from, or begin anew with `make down` and `make up`',
    );
  }
  if (!begun)
    say('  PostgreSQL without TimescaleDB: to have it, begin anew with TIMESCALEDB_ARCHIVE set to a build of it');
  return begun;
}

/** The part of an engine's output that says why it failed, or all of it. */
export function diagnostics(output: string): string {
  const [, said] = /\nDiagnostics:\n([\s\S]*?)\n(?:Outputs|Resources|Duration):?/.exec(output) ?? [];
  return (said ?? output).trim();
}

async function pulumiUp(env: Record<string, string>, log: string): Promise<void> {
  try {
    await run(['pulumi', 'up', '--yes', '--skip-preview', '--suppress-outputs', '--color=never'], {
      env,
      cwd: CHECKOUT,
      log,
      onLine: (line) => now(line.trim()),
    });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new Error(
      `pulumi up failed:\n${diagnostics(error.output)}\n\n` +
        `What stands is kept, and what failed is tried again by the next \`make up\`. All of the output: ${log}`,
    );
  }
}

/** Brings a stack up to what its configuration says, from whatever it is in. */
export async function deploy(
  stack: SandboxStack,
  instance: Instance,
  images: readonly ImageArchive[],
): Promise<Deployed> {
  const { state, kubeconfig, addresses } = instance;
  const withTimescale = timescaledb(state, images);
  const env = await step('prepare the engine', async () =>
    prepareStack({
      state,
      env: await engineEnv({ state, kubeconfig }),
      stack,
      overrides: {
        // The Architect Dashboard API knows nothing of it.
        ...(stack !== 'architect-rehearsal' && { 'platform:postgres': { timescaledb: withTimescale } }),
        'platform:network': {
          // The rehearsal has names, and is reached by them through the node's address.
          ...(stack === 'local' && { apiHost: addresses.node }),
          apiServer: { cidrs: [`${addresses.node}/32`], port: API_SERVER_PORT },
        },
      },
    }),
  );
  await step('pulumi up', () => pulumiUp(env, join(state, `log/pulumi-up-${stack}.log`)));
  const outputs = JSON.parse(await run(['pulumi', 'stack', 'output', '--json'], { env, cwd: CHECKOUT })) as {
    namespace: string;
    endpoints: { api: { url: string } };
  };
  return {
    state,
    kubeconfig,
    stack,
    namespace: outputs.namespace,
    api: Object.assign(new URL(outputs.endpoints.api.url), {
      hostname: addresses.node,
      ...(stack === 'architect-rehearsal' && { port: await nodePort(instance, outputs.namespace, 'architect-api') }),
    }).origin,
    timescaledb: withTimescale,
    steps: taken,
  };
}

/** Where this machine reaches a load balancer's Service: nobody here makes one, but the node listens for it. */
const nodePort = ({ programs, kubeconfig }: Instance, namespace: string, service: string): Promise<string> =>
  run([
    ...[join(programs, 'kubectl'), '--kubeconfig', kubeconfig, '--namespace', namespace],
    ...['get', 'service', service, '--output', 'jsonpath={.spec.ports[0].nodePort}'],
  ]);

/** Keeps what was deployed, with the times of all steps so far. */
export function writeDown(platform: Deployed): void {
  writeFileSync(fileOf(platform.state, platform.stack), `${JSON.stringify(platform, null, 2)}\n`, { mode: 0o600 });
}
