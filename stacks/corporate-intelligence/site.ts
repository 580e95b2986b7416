/** Where the platform stands, and what all of its parts are given: the cluster, the namespace, the gates, the secrets. */
import type * as pulumi from '@pulumi/pulumi';
import type { Provider } from '@pulumi/kubernetes/provider.js';
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import type { Image } from '../../components/core/index.ts';
import type { ClusterRef, Gate } from '../../components/gates/index.ts';
import { StorageClass } from '../../infra/storage-class.ts';
import type { Configuration } from '../config/load.ts';
import { clusterOf, type Ground } from '../ground.ts';
import { Gatekeeper } from '../gates.ts';
import { apiImage, imagesOf, isLocalOnly, type Images } from '../images.ts';

export const PART_OF = 'corporate-intel';

/** What every component of the platform is given. */
export interface Common {
  readonly namespace: string;
  readonly partOf: string;
  /** The key of the hashes that roll pods with their secrets. */
  readonly fingerprintKey: pulumi.Output<string>;
  /** Whether what holds data refuses to be deleted. */
  readonly protect: boolean;
}

export interface Site extends Configuration {
  /** What the stack has made for itself; nothing where it stands on a cluster that was there. */
  readonly ground: Ground | undefined;
  readonly provider: Provider;
  readonly gates: Gatekeeper;
  readonly common: Common;
  /** How the gates and the dynamic resources find the cluster. */
  readonly cluster: ClusterRef;
  /** The images of the list, by their digests where the stack wants that. */
  readonly images: Images;
  /** The product's own image. */
  readonly image: Image;
  /** What has to be proven before anything is made. */
  readonly present: readonly Gate[];
  /** A generated secret of letters and digits. */
  readonly generated: (name: string, length: number) => pulumi.Output<string>;
}

export function openSite(configuration: Configuration, ground?: Ground): Site {
  const { settings } = configuration;
  const { pinnedImages } = settings.cluster;
  const { provider, cluster } = clusterOf(settings.cluster, ground);
  const gates = new Gatekeeper(settings, cluster);

  // Can the cluster have the image at all? An image of a registry is the cluster's own business.
  const image = apiImage(settings.api.image, settings.stack.version, pinnedImages);
  const images = imagesOf(pinnedImages);
  const present = [
    ...(isLocalOnly(image) ? [gates.images('images', [image.reference])] : []),
    ...(pinnedImages ? [gates.pins('pins', [image, ...Object.values(images)])] : []),
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

/** The class of the volumes, where the stack makes it (A-HOST-2). */
export function volumeClass({
  settings,
  common,
  provider,
  present,
  ground,
}: Pick<Site, 'common' | 'provider' | 'present' | 'ground'> & {
  readonly settings: Pick<Site['settings'], 'cluster'>;
}): StorageClass[] {
  const wanted = settings.cluster.storageClass;
  if (wanted === undefined) return [];
  const { name: className, iops, throughput } = wanted;
  return [
    new StorageClass(
      'volumes',
      { className, iops, throughput, partOf: common.partOf, ...(ground && { kmsKeyArn: ground.volumesKey }) },
      { provider, dependsOn: [...present] },
    ),
  ];
}
