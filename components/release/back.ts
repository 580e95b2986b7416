/**
 * Going back on demand, without the engine: which version is meant, and the order that moves the traffic while its pods
 * still run. What the state and the cluster need after that is an `up`; see `infra/sandbox/verbs/rollback.ts`.
 */
import { follow } from './follow.ts';
import { readRecord, type Reach, type ReleaseInputs } from './host.ts';
import { leaving, order } from './orders.ts';
import { short, type Kept, type Outcome, type Past, type ReleaseRecord } from './runner/record.ts';

/** Milliseconds that the other side has to go on at least: an order takes a moment to be taken up. */
const MARGIN = 5000;

const called = ({ digest, version, since }: Past): string =>
  `${short(digest)}${version === undefined ? '' : ` (${version})`}, live from ${since}`;

/**
 * The version to go back to.
 *
 * @param asked.to the beginning of a release's hash, or a version's name; left out, the last good one before the live one
 * @param asked.state the hash that the stack's state holds for live. Where the cluster was gone back already and the state was
 *   not, that is what remains to be done: the answer is then the live version
 * @throws one error that says what was found, and which versions there are. Without `to` also where the last release undid itself:
 *   what is live is then what somebody in a hurry wants back
 */
export function target(
  record: ReleaseRecord,
  name: string,
  { to, state }: { readonly to?: string; readonly state?: string | undefined } = {},
): Past {
  const { good, history, rejected, phase, order: last } = record;
  if (phase !== 'settled') {
    const what = `${last?.mode ?? 'run'} of ${short(last?.digest ?? 'unknown')}`;
    throw new Error(`${name}: a ${what} is under way (phase ${phase}); wait until it has ended, or undone itself`);
  }
  const others = history.filter(({ digest }) => digest !== good?.digest);
  const isLeft = ({ digest }: Past): boolean => rejected.some((rejection) => rejection.digest === digest);
  const known = others
    .toReversed()
    .map((past) => `\n  ${called(past)}${isLeft(past) ? ', rejected since' : ''}`)
    .join('');
  if (good === undefined || others.length === 0) {
    throw new Error(
      `${name}: no earlier version is known to go back to; the record holds ${good ? 'the live one alone' : 'none'}`,
    );
  }
  const live = history.filter(({ digest }) => digest === good.digest);
  const isHalf = last?.leaves !== undefined && last.digest === good.digest && state !== good.digest;
  if (to === undefined && isHalf && live[0] !== undefined) return live[0];
  if (to === undefined) {
    const found = others.findLast((past) => !isLeft(past));
    const undone = undoneBy(record);
    if (undone !== undefined) throw new Error(`${name}: ${already(record, undone, found)} Known:${known}`);
    if (found !== undefined) return found;
    throw new Error(
      `${name}: every earlier version was rejected since; TO= names none that may be tried. Known:${known}`,
    );
  }
  // A word like "1" begins many hashes: a name that is met exactly comes first.
  const named = [...others, ...live].filter(({ version }) => version === to);
  const found =
    named.length > 0 ? named : [...others, ...live].filter(({ digest }) => to !== '' && digest.startsWith(to));
  const [one, ...more] = found;
  if (one === undefined) throw new Error(`${name}: TO="${to}" is no version that was live here. Known:${known}`);
  if (more.length > 0) {
    const which = found.map((past) => `\n  ${called(past)}`).join('');
    throw new Error(`${name}: TO="${to}" is more than one version; give more of its hash:${which}`);
  }
  if (one.digest === good.digest && state !== good.digest) return one;
  if (one.digest === good.digest) throw new Error(`${name}: TO="${to}" is live already, since ${good.since}`);
  const rejection = rejected.find(({ digest }) => digest === one.digest);
  if (rejection === undefined) return one;
  throw new Error(
    `${name}: ${short(one.digest)} was rejected: ${rejection.reasons.join('; ')}. To have it all the same, put it into the ` +
      `configuration with its attempt raised to ${rejection.attempt + 1}. Known:${known}`,
  );
}

/** The last run, where it tried another version than the live one and undid itself. One that went back on demand is none. */
const undoneBy = ({ outcome, good, order }: ReleaseRecord): Outcome | undefined =>
  outcome !== undefined &&
  ['rejected', 'error'].includes(outcome.verdict) &&
  outcome.digest !== good?.digest &&
  !(order?.leaves !== undefined && order.digest === outcome.digest)
    ? outcome
    : undefined;

function already(
  { good, history }: ReleaseRecord,
  { digest, verdict, reasons }: Outcome,
  next: Past | undefined,
): string {
  const live = history.find((past) => past.digest === good!.digest) ?? { ...good!, attempt: 1 };
  const further =
    next === undefined
      ? 'TO= names none that may be tried.'
      : `To go further: TO=${next.version ?? short(next.digest)}.`;
  return (
    `already back on ${called(live)}: release ${short(digest)} ended as ${verdict} and undid itself ` +
    `(${reasons.join('; ')}). ${further}`
  );
}

/** Where its pods still run, so that traffic only has to move. */
export const standing = ({ kept }: ReleaseRecord, { digest }: Past): Kept | undefined =>
  kept?.digest === digest && kept.until - Date.now() > MARGIN ? kept : undefined;

/**
 * Moves the traffic back to the version on the other side. The one that is left is rejected with the reason, in the same write
 * that makes the other one live: whenever this process dies, either both hold or none.
 *
 * @throws when another engine was faster, or the version did not come live again
 */
export async function sendBack(
  way: Reach,
  inputs: Pick<ReleaseInputs, 'name' | 'namespace'>,
  record: ReleaseRecord,
  kept: Kept,
  why: string,
): Promise<ReleaseRecord & { outcome: Outcome }> {
  const { order: last, history } = record;
  const attempt = history.find(({ digest }) => digest === kept.digest)?.attempt ?? 1;
  const leaves = leaving(record, why);
  const epoch = await order(way, inputs.name, record, {
    // How this workload's releases go stays as it was ordered last; only that both sides stand matters here.
    ...last!,
    ...{ mode: 'release', digest: kept.digest, template: kept.template, attempt, startedAt: Date.now() },
    ...{ strategy: 'blueGreen', steps: [{ weight: 100, window: 0 }] },
    ...(leaves && { leaves }),
  });
  const ended = await follow(way, inputs, epoch);
  if (ended.outcome.verdict === 'promoted') return ended;
  const live = ended.good === undefined ? 'nothing' : short(ended.good.digest);
  throw new Error(
    `${inputs.name}: going back to ${short(kept.digest)} ended as ${ended.outcome.verdict}: ${ended.outcome.reasons.join('; ')}. Live is ${live}.`,
  );
}

/** @throws when the workload has no record */
export async function recordOf(way: Reach, { name }: Pick<ReleaseInputs, 'name'>): Promise<ReleaseRecord> {
  const record = await readRecord(way);
  if (record === undefined) throw new Error(`${name}: its record is not there; nothing was ever released`);
  return record;
}
