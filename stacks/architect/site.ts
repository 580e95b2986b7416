/** Where the system stands, and what all of its parts are given: the cluster, the namespace, the gates, the secrets. */
import type * as pulumi from '@pulumi/pulumi';
import type { Provider } from '@pulumi/kubernetes/provider.js';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import type { Image } from '../../components/core/index.ts';
import type { ClusterRef, Gate } from '../../components/gates/index.ts';
import type { Configuration } from '../config/load.ts';
import { clusterOf, type Ground } from '../ground.ts';
import { Gatekeeper } from '../gates.ts';
import { apiImage, imagesOf, isLocalOnly, type Images } from '../images.ts';
import type { Common } from '../corporate-intelligence/site.ts';

export const PART_OF = 'architect';

/** The name that B has given to Deployment, Service and container (B-K8S-2, B-K8S-4, B-K8S-8). */
export const NAME = 'architect-api';

export interface ArchitectSite extends Configuration<'architect'> {
  /** What the stack has made for itself; nothing where it stands on a cluster that was there. */
  readonly ground: Ground | undefined;
  readonly provider: Provider;
  readonly gates: Gatekeeper;
  readonly common: Common;
  /** How the gates and the dynamic resources find the cluster. */
  readonly cluster: ClusterRef;
  readonly images: Images;
  /** The product's own image. */
  readonly image: Image;
  /** What has to be proven before anything is made. */
  readonly present: readonly Gate[];
  /** A generated secret of letters and digits. */
  readonly generated: (name: string, length: number) => pulumi.Output<string>;
}

export function openSite(configuration: Configuration<'architect'>, ground?: Ground): ArchitectSite {
  const { settings } = configuration;
  const { pinnedImages } = settings.cluster;
  const { provider, cluster } = clusterOf(settings.cluster, ground);
  const gates = new Gatekeeper(settings, cluster);

  const image = apiImage(settings.api.image, settings.stack.version, pinnedImages);
  const images = imagesOf(pinnedImages);
  const used = [images.postgresReplicated, images.redis, images.node];
  const present = [
    ...(isLocalOnly(image) ? [gates.images('images', [image.reference])] : []),
    ...(pinnedImages ? [gates.pins('pins', [image, ...used])] : []),
  ];
  const generated = (name: string, length: number) =>
    new RandomPassword(name, { length, special: false }, { dependsOn: present }).result;
  const common = {
    namespace: settings.stack.namespace,
    partOf: PART_OF,
    fingerprintKey: generated('fingerprint-key', 32),
    protect: settings.stack.protect,
  };
  return { ...configuration, ground, provider, gates, common, cluster, images, image, present, generated };
}
