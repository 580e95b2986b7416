/**
 * The record of one workload's releases: a ConfigMap that says what is live, what was ordered, how far it has got and what
 * was rejected. The provider beside the engine writes orders into it, the runner inside the cluster everything else.
 *
 * This folder travels into the cluster as it is: it may import Node's own modules and its siblings, nothing else.
 */
import type { GateVerdict, Rules as AnalysisRules } from './analysis.ts';
import type { Prometheus } from './prometheus.ts';
import type { Point } from './series.ts';

/** The annotation of a pod template that says which version it is. The same text as `RELEASE` beside this folder. */
export const DIGEST = 'platform/release';
/** A digest as messages show it. */
export const short = (digest: string): string => digest.slice(0, 12);
/** The annotation on the Service and on both sides that holds the token of the last run that claimed them. */
export const TOKEN = 'platform/release-token';
/** The label that tells the pods of the two sides apart, and by which the Service picks. */
export const SIDE = 'platform/side';

/** One of the two Deployments of a workload. Which one is live changes from release to release. */
export type Side = 'blue' | 'green';
export const SIDES = ['blue', 'green'] as const;
export const otherSide = (side: Side): Side => (side === 'blue' ? 'green' : 'blue');

export interface PodTemplate {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** What pods run. The digest covers the whole template and the secrets its pods read. */
export interface Version {
  readonly digest: string;
  readonly template: PodTemplate;
}

/** A share of the traffic for the new version, in percent, and how long it is judged there, in milliseconds. */
export interface Step {
  readonly weight: number;
  readonly window: number;
}

/** Times are in milliseconds. */
export interface Rules {
  /** How long pods may take to become ready. */
  readonly ready: number;
  /** How long the new side is judged before it gets traffic. */
  readonly candidate: number;
  /** How long it is judged, with all of the traffic, before it counts as live. */
  readonly soak: number;
  /** How long the side that was replaced goes on at its size, so that going back takes no start of pods. */
  readonly keepFor: number;
  /** What a release may take in all; what it takes to undo it comes on top. */
  readonly deadline: number;
  /** How often a container of one pod may end before the version counts as one that does not start. */
  readonly crashes: number;
  readonly probe: Probe;
  /** How windows are judged; each phase puts its own length in the place of `window`. */
  readonly analysis: AnalysisRules;
}

/** What is asked of the pods, and of the Service once it leads to the new version alone. */
export interface Probe {
  /** The port that the pods listen on. */
  readonly port: number;
  /** Anything but a 2xx answer is a failure. */
  readonly paths: readonly string[];
  /** A path that answers 2xx exactly while the pod reaches its database. Left out, that gate has to be switched off. */
  readonly database?: string;
  /** Where the metrics of the analysis are read. */
  readonly prometheus?: Prometheus;
  /** From one question to the next. */
  readonly interval: number;
  /** For one answer. */
  readonly timeout: number;
}

export interface Order extends Version {
  /** `release`: bring the version live. `undo`: bring back what is live by the record, whatever is there. */
  readonly mode: 'release' | 'undo';
  /** `rolling` changes the live side in place; the others change sides, over the steps. */
  readonly strategy: 'rolling' | 'blueGreen' | 'canary';
  readonly steps: readonly Step[];
  /** Raised to have a rejected version tried again. */
  readonly attempt: number;
  /** Pods of the live side. Left out, somebody else decides (an autoscaler), and a new side starts with as many as there are. */
  readonly replicas?: number;
  readonly rules: Rules;
  /** Milliseconds since 1970, by the clock of whoever ordered. */
  readonly startedAt: number;
  /** The live version, where somebody sends it away: rejected at the moment at which the ordered one is live, not before. */
  readonly leaves?: Rejection;
}

/** Where a run is. `settled`: nothing is under way. A phase is written before anything is done in it. */
export type Phase =
  'settled' | 'ordered' | 'candidate' | `step-${number}` | 'roll' | 'soak' | 'swap' | 'scale' | 'undo';

/** The version that is live, and where. */
export interface Good extends Version {
  readonly side: Side;
  /** When it became live, in ISO 8601. */
  readonly since: string;
  /** The run that brought it live, how long that took in seconds, and what each gate said last, by phase. */
  readonly epoch: number;
  readonly seconds: number;
  readonly evidence: Outcome['evidence'];
}

/** The version before it, which still stands on the other side. Going back to it takes no windows: it was proven. */
export interface Kept extends Version {
  readonly side: Side;
  /** When its side goes to 0; milliseconds since 1970. */
  readonly until: number;
}

/** How a run ended. `rejected`: the version is bad. `error`: it could not be told, and may be tried again. */
export interface Outcome {
  readonly verdict: 'promoted' | 'rejected' | 'error' | 'undone';
  readonly epoch: number;
  readonly digest: string;
  readonly reasons: readonly string[];
  /** What each gate said last, by phase. */
  readonly evidence: Readonly<Record<string, readonly GateVerdict[]>>;
  readonly seconds: number;
  readonly endedAt: string;
}

/** A stretch of a run. Moments are milliseconds since 1970. */
export interface Stage {
  readonly phase: Phase;
  /** The new version's share of the traffic, in percent; nothing where nobody can tell, as in a rolling update. */
  readonly weight?: number;
  readonly from: number;
  readonly to: number;
  /** What each gate said last. None where nothing was judged. */
  readonly gates: readonly GateVerdict[];
}

/** How a run went, for its report. What a runner that was killed had not yet written down is missing in it. */
export interface Course {
  readonly epoch: number;
  /** When a runner first took the run on, by the clock of its node: its deadline counts from here. Milliseconds since 1970. */
  readonly began?: number;
  readonly stages: readonly Stage[];
  readonly points: readonly Point[];
}

/** What people and the waiting engine see while a run is under way; also its sign of life. */
export interface Progress {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly phase: Phase;
  /** The new version's share of the traffic, in percent. */
  readonly weight: number;
  /** When the phase's window ends, or, where it is held, when the version fails; milliseconds since 1970. */
  readonly until?: number;
  /** For how long something has been undecided since the window ended, in milliseconds; nothing while it is not over. */
  readonly held?: number;
  readonly says: string;
  /** The path of an object without which nothing can be done, and that is not there: only an update can make it. */
  readonly missing?: string;
  /** What the gates say so far; none where nothing is judged. */
  readonly gates?: readonly GateVerdict[];
}

export interface Rejection {
  readonly digest: string;
  readonly attempt: number;
  readonly reasons: readonly string[];
}

/** A version that was live once. What it ran is not kept here: its configuration is in the history of the stack. */
export interface Past {
  readonly digest: string;
  /** What people call it, where it says so: see `history.ts`. */
  readonly version?: string;
  /** When it became live, in ISO 8601, and by which run. */
  readonly since: string;
  readonly epoch: number;
  readonly attempt: number;
}

export interface ReleaseRecord {
  readonly epoch: number;
  readonly token: string;
  readonly phase: Phase;
  readonly order?: Order;
  readonly good?: Good;
  readonly kept?: Kept;
  readonly outcome?: Outcome;
  readonly progress?: Progress;
  readonly course?: Course;
  /** The latest, oldest first: {@link rejectedWith} keeps the list short. */
  readonly rejected: readonly Rejection[];
  /** Each version that was live, once, by when it last became so; the live one comes last: `history.ts` keeps it short. */
  readonly history: readonly Past[];
  /** Written anew every few seconds by the engine that waits: where it stays the same, none does. */
  readonly follower?: string;
}

/** Rejections that are remembered. A version that was forgotten is tried once more, and rejected once more. */
const MOST_REJECTED = 20;
/** A reason that quotes an answer must not fill the record. */
const LONGEST_REASON = 600;

export const rejectedWith = (rejected: readonly Rejection[], more: Rejection): readonly Rejection[] =>
  [...rejected.filter(({ digest }) => digest !== more.digest), more].slice(-MOST_REJECTED);

export const bounded = (reason: string): string =>
  reason.length <= LONGEST_REASON ? reason : `${reason.slice(0, LONGEST_REASON - 1)}…`;

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
}

/** An empty text is a field that was taken away: a patch may not remove what is perhaps not there. */
const json = (text: string | undefined): unknown => (text === undefined || text === '' ? undefined : JSON.parse(text));

/** What the fresh ConfigMap holds. */
export const FRESH = { epoch: '0', token: '0.0', phase: 'settled' } as const;

export function parse({ data = {} }: ConfigMap): ReleaseRecord {
  const fields = {
    order: json(data['order']) as Order | undefined,
    good: json(data['good']) as Good | undefined,
    kept: json(data['kept']) as Kept | undefined,
    outcome: json(data['outcome']) as Outcome | undefined,
    progress: json(data['progress']) as Progress | undefined,
    course: json(data['course']) as Course | undefined,
  };
  return {
    epoch: Number(data['epoch'] ?? FRESH.epoch),
    token: data['token'] ?? FRESH.token,
    phase: (data['phase'] ?? FRESH.phase) as Phase,
    ...(Object.fromEntries(
      Object.entries(fields).filter(([, value]) => value !== undefined),
    ) as Partial<ReleaseRecord>),
    rejected: (json(data['rejected']) as Rejection[] | undefined) ?? [],
    history: (json(data['history']) as Past[] | undefined) ?? [],
    ...(data['follower'] !== undefined && { follower: data['follower'] }),
  };
}

export interface Operation {
  readonly op: 'add' | 'replace' | 'test';
  readonly path: string;
  readonly value: unknown;
}

/** One key as JSON patch wants it within a path. */
export const pointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** The operations that set fields of the record; `undefined` empties one. */
export const fields = (values: Partial<Record<keyof ReleaseRecord, unknown>>): Operation[] =>
  Object.entries(values).map(([key, value]) => ({
    op: 'add',
    path: `/data/${key}`,
    value: value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value),
  }));

/** The names of a workload's objects, by the workload's own. */
export const recordName = (name: string): string => `${name}-release`;
export const runnerName = (name: string): string => `${name}-runner`;
/** The ConfigMap that says how the edge divides, and the Secret of who may tell it. */
export const splitName = (name: string): string => `${name}-split`;
export const sideName = (name: string, side: Side): string => `${name}-${side}`;
/** Which sides there are, and how the Deployment of one is called: a workload that stands alone has one, under its own name. */
export const sidesOf = (alone: boolean | undefined): readonly Side[] => (alone ? ['blue'] : SIDES);
export const deploymentName = (name: string, side: Side, alone: boolean | undefined): string =>
  alone ? name : sideName(name, side);
/** What a Service picks the pods of a side by. One that stands alone is picked by nothing that tells sides apart. */
export const pickedOn = (
  labels: Readonly<Record<string, string>>,
  side: Side,
  alone: boolean | undefined,
): Readonly<Record<string, string>> => (alone ? labels : { ...labels, [SIDE]: side });

/**
 * Where the objects of a workload are in the API. One that stands alone has nothing at `green`: `sidesOf` says whom to ask.
 */
export const paths = (namespace: string, name: string, alone?: boolean) => {
  const core = `/api/v1/namespaces/${namespace}`;
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  return {
    record: `${core}/configmaps/${recordName(name)}`,
    service: `${core}/services/${name}`,
    services: `${core}/services`,
    split: `${core}/configmaps/${splitName(name)}`,
    routes: `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`,
    blue: `${deployments}/${deploymentName(name, 'blue', alone)}`,
    green: `${deployments}/${sideName(name, 'green')}`,
    runner: `${deployments}/${runnerName(name)}`,
    pods: `${core}/pods`,
    slices: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
  };
};

export type Paths = ReturnType<typeof paths>;

/** How people call the object at a path: `services/web`. */
export const objectAt = (path: string): string => path.split('/').slice(-2).join('/');

/** A template as a side gets it: the side's label on its pods, everything else as ordered. */
export const onSide = ({ metadata, spec }: PodTemplate, side: Side): PodTemplate => ({
  metadata: { ...metadata, labels: { ...metadata.labels, [SIDE]: side } },
  spec,
});
