/** The sandbox that `make test` brings up for its own use, beside any that a developer has, and takes down again. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxStack } from '../infra/sandbox/deploy.ts';
import { engineEnv, prepareStack } from '../infra/sandbox/engine/index.ts';
import { CHECKOUT } from '../infra/sandbox/host/paths.ts';
import { step } from '../infra/sandbox/host/progress.ts';
import { run } from '../infra/sandbox/host/run.ts';

/** Containers need a real file system below them: not /tmp, which may be memory. */
const PARENT = '/var/tmp';

const LOGS = join(CHECKOUT, '.out/test');

/**
 * Runs `work` against a platform of its own. The sandbox goes in any case: after failures, and when the run is
 * interrupted.
 */
export async function onDeployedPlatform(
  work: (
    env: Record<string, string>,
    deploy: (stack: string) => Promise<void>,
    destroy: (stack: SandboxStack) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const state = mkdtempSync(join(PARENT, 'platform-test-'));
  const env = {
    PLATFORM_SANDBOX: state,
    PLATFORM_E2E: join(state, 'platform.json'),
    PLATFORM_REHEARSAL: join(state, 'rehearsal.json'),
    PLATFORM_ARCHITECT: join(state, 'architect-rehearsal.json'),
  };
  mkdirSync(LOGS, { recursive: true });
  const make = (verb: string, ...variables: readonly string[]): Promise<string> =>
    run(['make', '--silent', verb, ...variables], {
      cwd: CHECKOUT,
      // What was said to the make that began all this is not said to these.
      env: { ...env, MAKEFLAGS: '' },
      log: join(LOGS, `${[verb, ...variables].join('-')}.log`),
    });
  const deploy = (stack: string): Promise<void> =>
    step(`make up STACK=${stack}, for the tests on it`, async () => {
      await make('up', `STACK=${stack}`);
    });
  const destroy = (stack: SandboxStack): Promise<void> =>
    step(`pulumi destroy of ${stack}`, async () => {
      const { kubeconfig } = JSON.parse(readFileSync(join(state, 'platform.json'), 'utf8')) as { kubeconfig: string };
      const engine = await prepareStack({ state, env: await engineEnv({ state, kubeconfig }), stack });
      const command = ['pulumi', 'destroy', '--yes', '--skip-preview', '--color=never'];
      await run(command, { env: engine, cwd: CHECKOUT, log: join(LOGS, `destroy-${stack}.log`) });
    });
  const down = async (): Promise<void> => {
    await make('down');
    if (existsSync(state)) throw new Error(`make down left ${readdirSync(state).join(', ')} in ${state}`);
  };
  const interrupted = (): void => {
    void down().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    await step('make up, for the tests on the deployed platform', () => make('up'));
    await work(env, deploy, destroy);
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await step('make down', down);
  }
}
