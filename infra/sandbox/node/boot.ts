/** Starts and stops an instance on its state. */
import { IMAGES } from '../build/images.ts';
import { clearGroups } from '../host/cgroups.ts';
import { launch } from '../host/launch.ts';
import { connect, disconnect } from '../host/link.ts';
import type { Addresses } from './addresses.ts';

/** Folders out of the cache that an instance is made of. */
export interface Parts {
  /** {@link nodePackages} */
  readonly packages: string;
  /** {@link kube} */
  readonly kube: string;
}

/**
 * A whole node stands in one group, and the kernel weighs that against single processes of the host: beside three that are busy,
 * every pod there is would share a quarter of the processor. So it counts for some of them.
 */
const WEIGHT = 4;

/**
 * Starts the first process in namespaces of its own and connects it. Ends before the cluster is ready. What ran there
 * before must have been stopped.
 */
export async function boot(state: string, addresses: Addresses, parts: Parts): Promise<void> {
  const environment = {
    PACKAGES: parts.packages,
    KUBE: parts.kube,
    NODE: process.execPath,
    PAUSE_IMAGE: IMAGES.pause,
    NODE_IP: addresses.node,
    HOST_IP: addresses.host,
    PODS: addresses.pods,
    PODS_OF_NODE: addresses.podsOfNode,
    SERVICES: addresses.services,
    DNS_IP: addresses.dns,
  };
  const first = await launch(addresses.name, state, 'node/init.sh', environment, WEIGHT);
  await connect({ ...addresses, behind: [addresses.pods, addresses.services] }, first.pid);
}

/** Kills the first process, and with it every other; removes what the kernel leaves. Fine on what does not run. */
export async function stop(addresses: Addresses): Promise<void> {
  await clearGroups(addresses.name);
  await disconnect(addresses);
}
