/**
 * The half of a release that runs beside the engine, imported by the shells of `resources.ts`. It gives orders and waits
 * for what becomes of them; it moves no traffic and starts no pod. So nothing is lost when it dies.
 */
import type https from 'node:https';
import { openCluster, type ClusterRef } from '../gates/index.ts';
import type { ApprovalsArgs } from './approvals/index.ts';
import type { Place } from './report/index.ts';
import { ApiError, Kube, type Access } from './runner/kube.ts';
import {
  DIGEST,
  parse,
  paths,
  short,
  deploymentName,
  type Good,
  type Order,
  type Paths,
  type PodTemplate,
  type ReleaseRecord,
  type Rules,
  type Step,
} from './runner/record.ts';
import type { Traffic } from './runner/traffic.ts';

/** Who has to sign a version, and where signatures lie, from the directory of Pulumi.yaml. */
export type Approvals = Omit<ApprovalsArgs, 'release'>;

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
  /** Whose signatures a version needs before it is tried. */
  readonly approvals?: Approvals;
  /** Where reports of its releases are written. */
  readonly reports?: Place;
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
export async function reach({
  cluster,
  namespace,
  name,
  traffic,
}: Pick<ReleaseInputs, 'cluster' | 'namespace' | 'name' | 'traffic'>): Promise<Reach> {
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
  return {
    kube: new Kube(access),
    at: paths(namespace, name, traffic?.alone),
    log,
    pause: 500,
    still: 90_000,
    others: 6000,
  };
}

export const digestOf = ({ template }: Pick<ReleaseInputs, 'template'>): string =>
  template.metadata.annotations[DIGEST] ?? '';

/** Whether the engine knows all of the version: a plan does not, before its secrets are made. */
export const isKnown = ({ template }: { readonly template: unknown }): boolean =>
  typeof template === 'object' && /^[0-9a-f]{64}$/.test(digestOf({ template: template as PodTemplate }));

/** Nothing where there is none yet. */
export async function readRecord({ kube, at }: Reach): Promise<ReleaseRecord | undefined> {
  try {
    return parse(await kube.get(at.record));
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 404) return undefined;
    throw thrown;
  }
}

/** Why this version is not tried, without the workload's name. What is live is not tried, so it is not refused. */
export function refusal({ rejected, good, phase }: ReleaseRecord, inputs: ReleaseInputs): string | undefined {
  const digest = digestOf(inputs);
  if (phase === 'settled' && good?.digest === digest) return undefined;
  const before = rejected.find((rejection) => rejection.digest === digest);
  if (before === undefined || inputs.attempt > before.attempt) return undefined;
  return (
    `release ${short(digest)} was rejected and is not tried again: ${before.reasons.join('; ')}. ` +
    `Change what it runs, or raise its attempt to ${before.attempt + 1}.`
  );
}

export function refuse(record: ReleaseRecord, inputs: ReleaseInputs): void {
  const why = refusal(record, inputs);
  if (why !== undefined) throw new Error(`${inputs.name}: ${why}`);
}

/** How a side is called where people look for it. */
export const whereabouts = ({ name, traffic }: ReleaseInputs, { side }: Good): string =>
  `deployment/${deploymentName(name, side, traffic?.alone)}`;
