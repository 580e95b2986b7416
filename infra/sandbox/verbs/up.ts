/**
 * `up [STACK=local|rehearsal|architect-rehearsal]`: from whatever this machine is in to the platform answering. Safe to repeat and to
 * interrupt: each part is idempotent, and what was built stays built. All of them may stand in one sandbox.
 */
import { kube, minio, mustBuild, nodePackages, systemImages } from '../build/index.ts';
import { deploy, STACKS, writeDown, type Deployed, type SandboxStack } from '../deploy.ts';
import { cliFolder } from '../engine/index.ts';
import { keyOf, lockFile } from '../host/cache.ts';
import { locked } from '../host/lock.ts';
import { STATE } from '../host/paths.ts';
import { preflight } from '../host/probe.ts';
import { say, step, taken } from '../host/progress.ts';
import { up, whole } from '../instance.ts';
import { ARCHITECT_ARCHIVES, buildImages, LOCAL_ARCHIVES } from '../images/index.ts';
import verify from './verify.ts';
import { settingsOf } from '../settings.ts';

/** Every one of them ends before the first failure is thrown: a compiler that goes on behind an error is nobody's wish. */
async function together<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** The images that a stack runs; `rehearsal` all of them. */
const ARCHIVES: Readonly<Record<SandboxStack, readonly string[] | undefined>> = {
  local: LOCAL_ARCHIVES,
  rehearsal: undefined,
  'architect-rehearsal': ARCHITECT_ARCHIVES,
};

/** What there is to ask first. */
const TRY: Readonly<Record<SandboxStack, string>> = {
  local: '/api/v1/companies/search?q=Apple',
  rehearsal: '/api/v1/companies/search?q=Apple',
  'architect-rehearsal': '/health',
};

function told({ api, namespace, stack }: Deployed): void {
  say(`
The platform answers, and every gate is open.

  API            ${api}/health
  credentials    in Secrets of the namespace ${namespace}; the passphrase of the state in ${STATE}/pulumi/passphrase
  logs           ${STATE}/log

Try next:
  curl '${api}${TRY[stack]}'
  eval "$(make -s env)" && kubectl --namespace ${namespace} get pods
  make verify STACK=${stack}
  make down`);
}

function times(): void {
  const width = Math.max(...taken.map((one) => one.step.length));
  say('\nwall time by step:');
  for (const one of taken) say(`  ${one.step.padEnd(width)} ${one.seconds.toFixed(1).padStart(7)} s`);
  say(`  ${'since the start'.padEnd(width)} ${(performance.now() / 1000).toFixed(1).padStart(7)} s`);
}

function stackOf(given = 'local'): SandboxStack {
  const stack = STACKS.find((name) => name === given);
  if (stack !== undefined) return stack;
  throw new Error(
    `STACK=${given}: the sandbox runs ${STACKS.join(' and ')}; for any other stack use \`pulumi up\` on its own cluster`,
  );
}

/** The engine refuses a second update of a stack, and advises `pulumi cancel`, which would end the first. */
function oneAfterAnother(work: () => Promise<void>): Promise<void> {
  return locked(lockFile(`up-${keyOf(STATE)}`), work, () =>
    say(`  … another \`make up\` is at work on ${STATE}: waiting for its end`),
  );
}

export default async function (args: readonly string[]): Promise<void> {
  const stack = stackOf(settingsOf(args, ['STACK']).STACK);
  await step('look at this machine', () => preflight(mustBuild()));
  const images = buildImages(ARCHIVES[stack]);
  await together<unknown>([kube(), systemImages(), minio(), nodePackages(), cliFolder(), images]);
  await oneAfterAnother(async () => {
    const instance = await up({ images: await images });
    const platform = await deploy(stack, instance, await images);
    await step('ask the gates again', () => verify([`STACK=${stack}`, 'QUIET=1']));
    await step('see that all is well', () => whole(instance));
    times();
    writeDown({ ...platform, steps: taken });
    told(platform);
  });
}
