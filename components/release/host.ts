/**
 * The half of a release that runs beside the engine, imported by the shells of `resources.ts`. It gives orders and waits
 * for what becomes of them; it moves no traffic and starts no pod. So nothing is lost when it dies.
 */
import type https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCluster, type ClusterRef } from '../gates/index.ts';
import { ApiError, Kube, type Access } from './runner/kube.ts';
import {
  DIGEST,
  fields,
  parse,
  paths,
  runnerName,
  short,
  sideName,
  type Good,
  type Order,
  type Outcome,
  type Paths,
  type PodTemplate,
  type Progress,
  type ReleaseRecord,
  type Rules,
  type Step,
} from './runner/record.ts';
import type { Traffic } from './runner/traffic.ts';

/** What stands in the state of both resources; no secret. */
export interface ReleaseInputs {
  readonly cluster: ClusterRef;
  readonly namespace: string;
  readonly name: string;
  /** The whole template, so that a preview shows what changes. */
  readonly template: PodTemplate;
  readonly strategy: Order['strategy'];
  readonly steps: readonly Step[];
  readonly replicas?: number;
  readonly attempt: number;
  readonly rules: Rules;
  /** What the traffic comes through. @default the Service alone */
  readonly traffic?: Traffic;
}

/** How the host reaches the record, and how patient it is. Milliseconds. */
export interface Reach {
  readonly kube: Kube;
  readonly at: Paths;
  readonly log: (line: string) => void;
  readonly pause: number;
  /** How long the record may stand still, in the middle of a run, before nobody is at work on it. */
  readonly still: number;
  /** How long to look whether another engine waits for a run that is under way. */
  readonly others: number;
}

/** Tokens and certificates come from the ambient kubeconfig, as for the gates. */
export async function reach({ cluster, namespace, name }: ReleaseInputs): Promise<Reach> {
  const { config } = await openCluster(cluster);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error('the kubeconfig names no cluster; set KUBECONFIG');
  const access: Access = {
    server,
    options: async () => {
      const options: https.RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      return options;
    },
  };
  const log = (line: string): void => console.error(`${name}: ${line}`);
  return { kube: new Kube(access), at: paths(namespace, name), log, pause: 500, still: 90_000, others: 6000 };
}

export const digestOf = ({ template }: Pick<ReleaseInputs, 'template'>): string =>
  template.metadata.annotations[DIGEST] ?? '';

/** Nothing where there is none yet. */
export async function readRecord({ kube, at }: Reach): Promise<ReleaseRecord | undefined> {
  try {
    return parse(await kube.get(at.record));
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 404) return undefined;
    throw thrown;
  }
}

/** Why this version is not tried. */
export function refusal({ rejected }: ReleaseRecord, inputs: ReleaseInputs): string | undefined {
  const digest = digestOf(inputs);
  const before = rejected.find((rejection) => rejection.digest === digest);
  if (before === undefined || inputs.attempt > before.attempt) return undefined;
  return (
    `${inputs.name}: release ${short(digest)} was rejected and is not tried again: ${before.reasons.join('; ')}. ` +
    `Change what it runs, or raise its attempt to ${before.attempt + 1}.`
  );
}

export function refuse(record: ReleaseRecord, inputs: ReleaseInputs): void {
  const why = refusal(record, inputs);
  if (why !== undefined) throw new Error(why);
}

/**
 * Writes the next order. A compare-and-swap on what was read: of two engines one loses, and a late one always does.
 *
 * @returns the order's epoch
 */
export async function give(
  { kube, at }: Reach,
  inputs: ReleaseInputs,
  { epoch: before }: ReleaseRecord,
  mode: Order['mode'],
): Promise<number> {
  const { template, strategy, steps, attempt, replicas, rules } = inputs;
  const epoch = before + 1;
  const order: Order = {
    ...{ mode, digest: digestOf(inputs), template, strategy, steps, attempt, rules, startedAt: Date.now() },
    ...(replicas !== undefined && { replicas }),
  };
  const phase = mode === 'undo' ? 'undo' : 'ordered';
  try {
    await kube.patch(at.record, [
      { op: 'test', path: '/data/epoch', value: String(before) },
      ...fields({ epoch: String(epoch), token: `${epoch}.0`, phase, order, progress: undefined }),
    ]);
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.status === 422)) throw thrown;
    throw new Error(
      `${inputs.name}: another engine has given an order at this moment (after epoch ${before}); run up again`,
      { cause: thrown },
    );
  }
  return epoch;
}

/**
 * Waits for an order to be settled, and tells how it goes.
 *
 * @throws when another order takes its place, or nobody works on it
 */
export async function follow(
  way: Reach,
  inputs: ReleaseInputs,
  epoch: number,
): Promise<ReleaseRecord & { outcome: Outcome }> {
  const { kube, at, log, pause, still } = way;
  let [seen, moved, told, signed] = ['', Date.now(), '', 0];
  for (;;) {
    let record: ReleaseRecord | undefined;
    try {
      record = await readRecord(way);
      if (record !== undefined && record.phase !== 'settled' && Date.now() - signed > SIGN) {
        signed = Date.now();
        await kube.patch(at.record, fields({ follower: `${process.pid} ${signed}` }));
      }
    } catch (thrown) {
      // The API server may be away for a while; the runner waits for it too.
      if (Date.now() - moved > still) throw thrown;
      await sleep(pause);
      continue;
    }
    if (record?.epoch !== epoch) {
      throw new Error(
        `${inputs.name}: another order took the place of this one (epoch ${record?.epoch ?? 'none'}, this is ${epoch})`,
      );
    }
    if (record.phase === 'settled' && record.outcome?.epoch === epoch) return { ...record, outcome: record.outcome };
    const now = JSON.stringify([record.token, record.phase, record.progress]);
    if (now !== seen) [seen, moved] = [now, Date.now()];
    if (Date.now() - moved > still) {
      throw new Error(
        `${inputs.name}: nothing has happened for ${still / 1000} s in phase ${record.phase}; wanted a runner at work. ` +
          `See: kubectl -n ${inputs.namespace} describe deployment ${runnerName(inputs.name)}. Then run up again: it is picked up where it is.`,
      );
    }
    const line = words(record);
    if (line !== told) log((told = line));
    await sleep(pause);
  }
}

/** Milliseconds between signs that an engine waits. */
const SIGN = 2000;

/** Where a run is, for people. */
function words({ phase, progress }: { phase: string; progress?: Progress }): string {
  if (progress?.phase !== phase) return phase;
  const { weight, says, until } = progress;
  const left = until === undefined ? '' : `, ${Math.max(0, Math.round((until - progress.at) / 1000))} s left`;
  return `${phase}: ${weight} % of the traffic on the new version, ${says}${left}`;
}

/** Whether another engine waits for the run that is under way. */
export async function isFollowed(way: Reach): Promise<boolean> {
  const before = (await readRecord(way))?.follower;
  if (before === undefined) return false;
  await sleep(way.others);
  return (await readRecord(way))?.follower !== before;
}

/** How a side is called where people look for it. */
export const whereabouts = ({ name }: ReleaseInputs, { side }: Good): string => `deployment/${sideName(name, side)}`;
