/** The images of the platform, out of `images.json`: by their tags, or by the digests that `make pin` has asked for. */
import type { Image } from '../components/core/index.ts';
import file from './images.json' with { type: 'json' };

/** An image of the list. */
export type ImageName = keyof typeof file.images;

/** Every image of the list, as the pods name it. */
export type Images = Readonly<Record<ImageName, Image>>;

/** What the project's own API image runs as; set in its Dockerfile. */
const API_USER = 10001;

const digests: Readonly<Record<string, string>> = file.digests;

/** An image that was given a digest is fetched by it, whatever becomes of its tag. */
const named = (tagged: string, uid: number, pinned: boolean): Image => {
  const digest = pinned ? digests[tagged] : undefined;
  return { reference: digest === undefined ? tagged : `${tagged}@${digest}`, uid };
};

/**
 * The images of the list. Versions nobody states are our choice (GAP-8).
 *
 * @param pinned whether those that have a digest are named by it. A sandbox has images of its own making under the public
 *   tags, and no digest of a registry fits them.
 */
export const imagesOf = (pinned: boolean): Images =>
  Object.fromEntries(
    Object.entries(file.images).map(([name, { repository, tag, uid }]) => [
      name,
      named(`${repository}:${tag}`, uid, pinned),
    ]),
  ) as Images;

/** The API's image at a version. */
export const apiImage = (repository: string, version: string, pinned: boolean): Image =>
  named(`${repository}:${version}`, API_USER, pinned);

/** Whether an image names no registry: then nobody can fetch it, and it has to be on the nodes already. */
export const isLocalOnly = ({ reference }: Image): boolean => {
  const [first, ...rest] = reference.split('/');
  return rest.length === 0 || !/[.:]|^localhost$/.test(first!);
};
