/** One sandbox: a Kubernetes node in namespaces of its own, on a state folder that outlives it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kube, nodePackages, systemImages } from './build/index.ts';
import { firstOf, processesOf } from './host/cgroups.ts';
import { claim, indexOf, release, type Kind } from './host/claim.ts';
import { endOf } from './host/launch.ts';
import { locked } from './host/lock.ts';
import { STATE } from './host/paths.ts';
import { say, step } from './host/progress.ts';
import { run } from './host/run.ts';
import type { ImageArchive } from './images/archive.ts';
import { applyAddons, hasAddons, importImages, inside } from './node/addons.ts';
import { addressesOf, freeIndex, type Addresses } from './node/addresses.ts';
import { boot, stop } from './node/boot.ts';
import { clientOf } from './node/client.ts';
import { healthOf, type Health } from './node/health.ts';
import { issueAll } from './node/pki.ts';
import { comeBack } from './node/returning.ts';

export interface Instance {
  readonly state: string;
  readonly addresses: Addresses;
  /** For an administrator; context `sandbox`; readable by its owner alone. */
  readonly kubeconfig: string;
  /** Folder with `kubectl` of the cluster's own version. */
  readonly programs: string;
}

export interface UpOptions {
  /** Default: `$PLATFORM_SANDBOX` or `.sandbox` in the checkout. */
  readonly state?: string;
  /** Images for the pods, besides those the cluster itself runs. Already imported ones cost nothing. */
  readonly images?: readonly ImageArchive[];
}

const SANDBOXES: Kind = {
  list: 'platform-sandbox',
  free: freeIndex,
  remedy: (state) => `PLATFORM_SANDBOX=${state} make down`,
};

/** Milliseconds in which a running instance may mend itself: its programs are started again after 1 s, its pods within 20. */
const MENDS_ITSELF = 60_000;
/** Milliseconds a boot may take. Seen: 6 to 12, and 30 until there are metrics. */
const BOOTS = 120_000;
/** Milliseconds for pods of before to serve again. Seen: 10, and 30 after a restart of the whole host. */
const PODS_RETURN = 60_000;

const problems = ({ broken, unready, ripening }: Health, all: boolean): string[] => [
  ...broken,
  ...unready,
  ...(all ? ripening : []),
];

/** Waits for a running instance to mend itself; gives what is wrong where it cannot, or does not in time. */
async function mends(state: string, addresses: Addresses): Promise<string[]> {
  const deadline = Date.now() + MENDS_ITSELF;
  for (;;) {
    const health = await healthOf(state, addresses);
    const wrong = problems(health, true);
    if (!wrong.length || health.broken.length || Date.now() > deadline) return wrong;
    await sleep(200);
  }
}

const list = (wrong: readonly string[]): string => wrong.map((line) => `\n    ${line}`).join('');

/** The end of the logs that tell why a node does not come up. */
function ends(state: string): string {
  return ['init', 'etcd', 'kube-apiserver']
    .map((name) => `\n  ${name}.log: ${endOf(join(state, 'log', `${name}.log`))}`)
    .join('');
}

/** Repeats what fails while the node starts; gives up at the end of the patience, or when the node has died. */
async function eventually(
  state: string,
  addresses: Addresses,
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const deadline = Date.now() + BOOTS;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      const died = !firstOf(processesOf(addresses.name));
      if (died || Date.now() > deadline) {
        const why = died ? 'its first process has ended' : `not within ${BOOTS / 1000} s: ${String(error)}`;
        throw new Error(
          `the sandbox did not come so far that ${what}: ${why}; its logs are in ${state}/log:${ends(state)}`,
          {
            cause: error,
          },
        );
      }
      await sleep(100);
    }
  }
}

async function start(state: string, addresses: Addresses, programs: string): Promise<void> {
  const packages = await nodePackages();
  await step('start the node', async () => {
    await issueAll(join(state, 'pki'), addresses);
    writeFileSync(join(state, 'kubeconfig'), readFileSync(join(state, 'pki/admin.conf')), { mode: 0o600 });
    await stop(addresses);
    // An etcd that was killed between making its log and the first entry in it waits for a leader for ever, and until the
    // add-ons were in it, it held nothing of anybody's.
    if (!hasAddons(state)) rmSync(join(state, 'var/lib/etcd'), { recursive: true, force: true });
    await boot(state, addresses, { packages, kube: programs });
    const client = clientOf(join(state, 'kubeconfig'));
    await eventually(state, addresses, 'its API server is ready', () => client.get('/readyz', 5000));
    await eventually(state, addresses, 'its container runtime answers', () =>
      run(inside(addresses, ['ctr', 'version'])),
    );
  });
}

/**
 * Brings the instance of a state folder to health, from whatever it is in: absent, half made, stopped by a restart of the
 * host, running with something dead in it, or well. Images and the cluster's own pods are brought up to date on the way.
 *
 * Costs under 2 s where all is well, about 10 s for a boot, after which only metrics are still to come: see {@link whole}.
 * What it builds is in `build/`. Throws with the probes that fail and where the logs are.
 */
export async function up(options: UpOptions = {}): Promise<Instance> {
  const state = resolve(options.state ?? STATE);
  const programs = await kube();
  const images = [...(await systemImages()), ...(options.images ?? [])];
  mkdirSync(state, { recursive: true, mode: 0o700 });
  return locked(state, async () => {
    const addresses = addressesOf(await claim(state, SANDBOXES));
    let wrong = ['it is not running'];
    if (firstOf(processesOf(addresses.name))) {
      wrong = await mends(state, addresses);
      if (wrong.length) say(`  the sandbox is not well and is started again:${list(wrong)}`);
    }
    const [starts, stood, began] = [wrong.length > 0, hasAddons(state), new Date()];
    if (starts) await start(state, addresses, programs);
    await step('bring in the images', () => importImages(state, addresses, images));
    await step('start the add-ons', async () => {
      await applyAddons(state, addresses, join(programs, 'kubectl'));
      await insist(state, addresses, false);
    });
    if (starts && stood) await step('see its pods come back', () => returned(state, began));
    return { state, addresses, kubeconfig: join(state, 'kubeconfig'), programs };
  });
}

/** After a start over what stood before: whoever asks too soon takes a platform that is still coming for a broken one. */
async function returned(state: string, began: Date): Promise<void> {
  const missing = await comeBack(clientOf(join(state, 'kubeconfig')), began, PODS_RETURN);
  if (missing.length) say(`  pods that do not serve, ${PODS_RETURN / 1000} s after the start:${list(missing)}`);
}

/** Waits until nothing is wrong, with metrics or without. While an instance boots its supervisors come one by one. */
function insist(state: string, addresses: Addresses, all: boolean): Promise<void> {
  return eventually(state, addresses, 'all of it is well', async () => {
    const wrong = problems(await healthOf(state, addresses), all);
    if (wrong.length) throw new Error(list(wrong));
  });
}

/** Waits for the last thing to come after a boot, metrics: 20 s, which may be spent on something better. */
export const whole = ({ state, addresses }: Instance): Promise<void> => insist(state, addresses, true);

/** The instance of a state folder, or undefined where none was ever begun; with what is wrong with it right now. */
export async function status(folder: string = STATE): Promise<(Instance & Health & { running: boolean }) | undefined> {
  const state = resolve(folder);
  const index = indexOf(state);
  if (index === undefined) return undefined;
  const addresses = addressesOf(index);
  const running = firstOf(processesOf(addresses.name)) !== undefined;
  const health = await healthOf(state, addresses);
  return { state, addresses, kubeconfig: join(state, 'kubeconfig'), programs: await kube(), running, ...health };
}

/** Removes everything that {@link up} made, except the cache. Twice is fine, and so is what was only half made. */
export async function down(folder: string = STATE): Promise<void> {
  const state = resolve(folder);
  if (!existsSync(state)) return;
  await locked(state, async () => {
    const index = indexOf(state);
    if (index === undefined && readdirSync(state).length) {
      throw new Error(
        `${state} holds no sandbox (no instance.json) but other files: look at it and remove it yourself.`,
      );
    }
    if (index !== undefined) await stop(addressesOf(index));
    await release(state, SANDBOXES);
    rmSync(state, { recursive: true, force: true });
  });
}
