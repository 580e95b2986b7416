/** The versions that were live once, so that they can be gone back to by name. Pure. */
import type { Good, Past, PodTemplate, ReleaseRecord } from './record.ts';

/** Versions that can be gone back to by name. */
const MOST_PAST = 20;

/** The label `app.kubernetes.io/version` of the pods, else the tag of the first image. */
export function versionOf({ metadata, spec }: PodTemplate): string | undefined {
  const label = metadata.labels['app.kubernetes.io/version'];
  if (label !== undefined) return label;
  const [first] = (spec['containers'] ?? []) as readonly { readonly image?: string }[];
  return /:([^/:]+)$/.exec(first?.image?.replace(/@.*$/, '') ?? '')?.[1];
}

/** The history once a version is live. One that was live before there was a history gets its place. */
export function historyWith({ history, good }: ReleaseRecord, live: Good, attempt: number): readonly Past[] {
  const past = ({ digest, template, since, epoch }: Good, times: number): Past => {
    const version = versionOf(template);
    return { digest, ...(version !== undefined && { version }), since, epoch, attempt: times };
  };
  const known = good === undefined || history.some(({ digest }) => digest === good.digest);
  const before = known ? history : [...history, past(good, 1)];
  return [...before.filter(({ digest }) => digest !== live.digest), past(live, attempt)].slice(-MOST_PAST);
}
