/** What the gates ask: the arguments of the resources, which are also what stands in the state and what `verify` reads. */
import type { DockerHostRef, Duration } from '../core/index.ts';
import type { JsonExpectation, Pattern } from './json.ts';
import type { ClusterRef, HostTarget, SecretKeyRef, WorkloadRef, WorkloadTarget } from './refs.ts';

/** Where the cluster is; every question has it, also those that do not look there. */
interface Located {
  readonly cluster: ClusterRef;
}

/** One HTTP request and the answer it should get. TLS certificates are verified; redirects are not followed. */
export interface HttpQuestion extends Located {
  /** A workload's port (plain HTTP), or an address outside. */
  readonly target: WorkloadTarget | { readonly url: string };
  /** @default 'GET' */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'OPTIONS';
  /** Path and query: `/health`. */
  readonly path: string;
  /** Not for credentials: these stand in the state. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Not for credentials: it stands in the state. */
  readonly body?: string;
  readonly expect: {
    /** The status, or any of several. */
    readonly status: number | readonly number[];
    /** Headers by lower-case name: the exact value, or a pattern. */
    readonly headers?: Readonly<Record<string, string | Pattern>>;
    /** What the body must hold. A body that is not JSON is a `fail`. */
    readonly json?: JsonExpectation;
  };
}

/** What a query's rows should be. With nothing named: at least one row. */
export interface SqlExpectation {
  /** Exactly so many rows. */
  readonly rows?: number;
  /** One row, whose first column is this, compared as text. */
  readonly equals?: string | number;
  /** One row, whose first column is one finite number not below this. */
  readonly atLeast?: number;
  /** The first column, over all rows, holds each of these. */
  readonly contains?: readonly string[];
}

/** One query on PostgreSQL, in a session that cannot write. */
export interface SqlQuestion extends Located {
  readonly target: WorkloadTarget | HostTarget;
  readonly database: string;
  readonly user: string;
  readonly password: SecretKeyRef;
  readonly query: string;
  readonly expect: SqlExpectation;
}

/** One command to Redis. Only commands that change nothing. */
export interface RedisQuestion extends Located {
  readonly target: WorkloadTarget | HostTarget;
  readonly password: SecretKeyRef;
  readonly command: 'PING' | readonly ['INFO', string] | readonly ['CLUSTER', 'INFO'];
  readonly expect: {
    /** The whole reply. */
    readonly reply?: string;
    /** A part of the reply. */
    readonly contains?: string;
  };
}

/** The buckets of an S3 store. Anonymous download is tried, without credentials, not read from a policy. */
export interface S3Question extends Located {
  readonly target: WorkloadTarget | HostTarget;
  readonly accessKey: SecretKeyRef;
  readonly secretKey: SecretKeyRef;
  readonly buckets: readonly { readonly name: string; readonly anonymousDownload: boolean }[];
  /**
   * Also ask MinIO's `/minio/health/live` (A-GATE-7).
   * @default false
   */
  readonly live?: boolean;
  /** The authority of the store's certificate, and a name that stands in it. Left out: the store speaks plainly. */
  readonly tls?: { readonly authority: SecretKeyRef; readonly serverName: string };
}

/** Figures of a cache, as Prometheus reads them: two counters, whose growth during the load is judged. */
export interface HitExpectation {
  /** Where the figures are: `/metrics`. */
  readonly path: string;
  /** The series of answers found, as it stands there: `cache_requests_total{result="hit"}`. */
  readonly hits: string;
  /** The series of answers not found. */
  readonly misses: string;
  /** Percent of the lookups that have to be found, more than this. */
  readonly above: number;
}

/** So many users at once, each asking again as soon as it is answered, for a while; and what that must not cost. */
export interface LoadQuestion extends Located {
  /** The scheme, host and port of what is asked. */
  readonly target: { readonly url: string };
  /** @default 'GET' */
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  /** Not for credentials: these stand in the state. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent, in turn. */
  readonly bodies?: readonly string[];
  readonly users: number;
  readonly duration: Duration;
  readonly expect: {
    /** Percent of the requests that may fail: less than this. Anything but a 2xx is a failure, and so is no answer. */
    readonly errorsBelow: number;
    /** The 95th percentile of the times of those that succeeded: less than this. */
    readonly p95Below: Duration;
    readonly hits?: HitExpectation;
  };
}

/** Workloads that have rolled out completely, each as its subject says. */
export interface RolloutQuestion extends Located {
  readonly workloads: readonly WorkloadRef[];
  /** Ready pods over all of them (A-GATE-9 counts 4). */
  readonly atLeastReady: number;
}

/** Workloads whose containers have all run through the last `window` without a restart (A-OK-1: 10 minutes). */
export interface RestartQuestion extends Located {
  readonly workloads: readonly WorkloadRef[];
  readonly window: Duration;
}

/** Images that no registry has, and that therefore must be on every node that takes pods. */
export interface ImageQuestion extends Located {
  readonly images: readonly string[];
}

/** Images that must be named by their digests: a tag is what somebody else can move. */
export interface PinQuestion extends Located {
  readonly images: readonly string[];
}

/** Certificates of cert-manager, each issued as its newest spec asks and valid now. `subjects` has them by name. */
export interface CertificateQuestion extends Located {
  readonly certificates: readonly { readonly namespace: string; readonly name: string }[];
}

/** An admission webhook, and an object that it has to refuse. The object is only shown, never made. */
export interface AdmissionQuestion extends Located {
  /** Name in the webhook's configuration: `webhook.cert-manager.io`. */
  readonly webhook: string;
  /** Valid for the API server itself; not for credentials: it stands in the state. */
  readonly refuses: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly [field: string]: unknown;
  };
}

/** A container on a Docker host that runs as its subject and calls itself healthy. */
export interface ContainerQuestion extends Located {
  readonly host: DockerHostRef;
  /** Its name on the host. */
  readonly container: string;
}

/** A container that was made to end: it has ended with 0, as its subject, and has said what it should. */
export interface TaskQuestion extends Located {
  readonly host: DockerHostRef;
  /** Its name on the host. */
  readonly container: string;
  /** A part of its output. Not for secrets. @default anything, and nothing too */
  readonly says?: string;
}

/** A command inside a running container: it ends with 0, and prints what it should. Only commands that change nothing. */
export interface ExecQuestion extends Located {
  readonly host: DockerHostRef;
  readonly container: string;
  /** Not for secrets: it stands in the state. */
  readonly command: readonly string[];
  /** A part of its output. @default anything, and nothing too */
  readonly says?: string;
  /** What else it must print. @default anything */
  readonly expect?: {
    /** All of it, without the blanks around it. */
    readonly reply?: string;
    /** Parts of it. */
    readonly contains?: string | readonly string[];
    /** A number not below this. */
    readonly atLeast?: number;
    readonly json?: JsonExpectation;
  };
}

/** A Docker host that answers, with a daemon that is new enough. */
export interface DockerQuestion extends Located {
  readonly host: DockerHostRef;
  /** The oldest version that will do, like `20.10`. */
  readonly least: string;
}

/** Every kind of gate with its question. A kind is added here, in `PATIENCE`, `RULES`, and as a class. */
export interface Questions {
  readonly HttpGate: HttpQuestion;
  readonly SqlGate: SqlQuestion;
  readonly RedisGate: RedisQuestion;
  readonly LoadGate: LoadQuestion;
  readonly S3Gate: S3Question;
  readonly RolloutGate: RolloutQuestion;
  readonly RestartGate: RestartQuestion;
  readonly ImageGate: ImageQuestion;
  readonly PinGate: PinQuestion;
  readonly CertificateGate: CertificateQuestion;
  readonly AdmissionGate: AdmissionQuestion;
  readonly ContainerGate: ContainerQuestion;
  readonly TaskGate: TaskQuestion;
  readonly ExecGate: ExecQuestion;
  readonly DockerGate: DockerQuestion;
}

export type Kind = keyof Questions;

/** The version of each kind's rules. Raise it when a probe judges differently: then every such gate asks again. */
export const RULES = {
  HttpGate: 1,
  SqlGate: 1,
  RedisGate: 1,
  LoadGate: 1,
  S3Gate: 1,
  RolloutGate: 1,
  RestartGate: 1,
  ImageGate: 1,
  PinGate: 1,
  CertificateGate: 1,
  AdmissionGate: 1,
  ContainerGate: 1,
  TaskGate: 1,
  ExecGate: 1,
  DockerGate: 1,
} as const satisfies Record<Kind, number>;
