/** The state of a deployed stack, for verbs that ask or change what it stands for. */
import type { ExportedState } from '../../../components/gates/index.ts';
import { CHECKOUT } from '../host/paths.ts';
import { run } from '../host/run.ts';
import { ownStack } from './plan.ts';

export interface StackState {
  readonly env: Record<string, string>;
  /** Exported with its secrets encrypted, because no resource that a verb asks for has any. */
  readonly state: ExportedState;
}

/** @param project the folder of Pulumi.yaml */
export async function exported(env: Record<string, string>, stack: string, project: string): Promise<ExportedState> {
  const command = ['pulumi', 'stack', 'export', '--stack', stack, '--non-interactive'];
  return JSON.parse(await run(command, { cwd: project, env })) as ExportedState;
}

/**
 * The state of a stack: of the sandbox where there is one, else of the Pulumi that whoever calls is logged into.
 *
 * @throws when neither has it
 */
export async function stateOf(stack: string): Promise<StackState> {
  const env = await ownStack(stack);
  if (env === undefined)
    throw new Error(`stack ${stack}: neither the sandbox nor the Pulumi you are logged into has it`);
  // What asks runs in this process, and must look at the cluster that the stack was deployed to.
  if (env.KUBECONFIG !== undefined) process.env.KUBECONFIG = env.KUBECONFIG;
  return { env, state: await exported(env, stack, CHECKOUT) };
}
