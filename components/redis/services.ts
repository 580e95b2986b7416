/** How the members of a Redis with Sentinel are found: each by a name and an address that outlive its pod. */
import { Service } from '@pulumi/kubernetes/core/v1/service.js';
import { labels, selector, type Identity, type PlatformComponent } from '../core/index.ts';

/** Where clients that know of Sentinel ask. */
export const SENTINEL_PORT = 26_379;

/** Set by the StatefulSet itself. */
const POD_NAME = 'statefulset.kubernetes.io/pod-name';

interface Reached {
  readonly namespace: string;
  readonly identity: Identity;
  readonly members: number;
  readonly port: number;
}

/**
 * The Service of the Sentinels, and one for each member. Sentinel takes a member whose name leads to another address for
 * one that follows the wrong master, and breaks its connections just when it should be promoted: so an address of a pod
 * will not do.
 */
export function memberServices(owner: PlatformComponent, name: string, reached: Reached): Service[] {
  const { namespace, identity } = reached;
  const sentinel = { name: 'sentinel', port: SENTINEL_PORT, targetPort: 'sentinel' };
  const service = (object: string, spec: Record<string, unknown>): Service =>
    new Service(
      object,
      {
        metadata: {
          name: object,
          namespace,
          labels: labels(identity),
          annotations: { 'pulumi.com/skipAwait': 'true' },
        },
        spec,
      },
      { parent: owner },
    );
  return [
    service(`${name}-sentinel`, { selector: selector(identity), ports: [sentinel] }),
    ...Array.from({ length: reached.members }, (_, member) =>
      service(`${name}-${member}`, {
        selector: { ...selector(identity), [POD_NAME]: `${name}-${member}` },
        // The others look for it before it is ready.
        publishNotReadyAddresses: true,
        ports: [{ name: 'redis', port: reached.port, targetPort: 'redis' }, sentinel],
      }),
    ),
  ];
}
