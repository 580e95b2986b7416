/** Pods, as far as a release looks at them. */
import { DIGEST, type Paths } from './record.ts';

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** Why a container does not run yet. */
export interface Waiting {
  readonly reason?: string;
  readonly message?: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: {
    readonly waiting?: Waiting;
    readonly running?: object;
    readonly terminated?: { readonly exitCode: number };
  };
  readonly lastState?: { readonly terminated?: { readonly exitCode: number } };
}

/** Whatever reads objects: the API itself, or a fence that asks it until it answers. */
export interface Reader {
  get<T>(path: string): Promise<T>;
}

export async function listPods(
  reader: Reader,
  at: Pick<Paths, 'pods'>,
  labels: Readonly<Record<string, string>>,
): Promise<Pod[]> {
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const query = new URLSearchParams({ labelSelector: selector.join(',') });
  return (await reader.get<{ items: Pod[] }>(`${at.pods}?${query.toString()}`)).items;
}

export const isLeaving = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;

/** A pod that is on its way out is not judged: what it fails to answer, nobody asks it any more. */
export const livePods = async (...asked: Parameters<typeof listPods>): Promise<Pod[]> =>
  (await listPods(...asked)).filter((pod) => !isLeaving(pod));

export const digestOf = ({ metadata }: Pod): string | undefined => metadata.annotations?.[DIGEST];

export const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') ?? false;

export const restartsOf = ({ status }: Pod): number =>
  (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
