/** Images by their digests: what was tried and scanned is then what runs, whoever moves a tag. */
import { fail, pass, type Reading } from '../judge.ts';
import type { Probe } from '../probe.ts';
import type { PinQuestion } from '../questions.ts';

export const pins: Probe<PinQuestion> = ({ images }) => Promise.resolve(judge(images));

const BY_DIGEST = /@sha256:[0-9a-f]{64}$/;

/** How many references one reason holds without being cut. */
const TOGETHER = 5;

const inGroups = (names: readonly string[]): string[] =>
  names.flatMap((_, at) => (at % TOGETHER === 0 ? [names.slice(at, at + TOGETHER).join(', ')] : []));

/** Names every image that has only a tag. Pure. */
export function judge(images: readonly string[]): Reading {
  const loose = images.filter((image) => !BY_DIGEST.test(image));
  const seen = `${images.length - loose.length} of ${images.length} images by digest`;
  if (loose.length === 0) return pass(seen);
  const remedy = `${loose.length} images have only a tag; run "make pin" where their registries can be reached`;
  return fail(seen, remedy, ...inGroups(loose.toSorted()));
}
