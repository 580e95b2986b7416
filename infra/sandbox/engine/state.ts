/** The state of a deployed stack, for verbs that ask or change what it stands for. */
import type { ExportedState } from '../../../components/gates/index.ts';
import { run } from '../host/run.ts';
import { ownStack } from './plan.ts';

/**
 * Exported with its secrets encrypted, because no resource that a verb asks for has any.
 *
 * @param project the folder of Pulumi.yaml
 */
export async function exported(env: Record<string, string>, stack: string, project: string): Promise<ExportedState> {
  const command = ['pulumi', 'stack', 'export', '--stack', stack, '--non-interactive'];
  return JSON.parse(await run(command, { cwd: project, env })) as ExportedState;
}

/**
 * The environment in which a deployed stack is read: of the sandbox where there is one, else of the Pulumi that whoever calls
 * is logged into. What asks the cluster runs in this process, which is made to look at the one that the stack is deployed to.
 *
 * @throws when neither has it
 */
export async function deployedEnv(stack: string): Promise<Record<string, string>> {
  const env = await ownStack(stack);
  if (env === undefined)
    throw new Error(`stack ${stack}: neither the sandbox nor the Pulumi you are logged into has it`);
  if (env.KUBECONFIG !== undefined) process.env.KUBECONFIG = env.KUBECONFIG;
  return env;
}
