/** The gates of a stack: each gets the cluster, its subject, its way to what it asks and its patience from here. */
import type { Input, Resource } from '@pulumi/pulumi';
import type { Api } from '../components/api/index.ts';
import type { ServerCertificate } from '../components/certificates/index.ts';
import { seconds, type Image, type Workload } from '../components/core/index.ts';
import {
  AdmissionGate,
  CertificateGate,
  HttpGate,
  ImageGate,
  PinGate,
  RedisGate,
  RestartGate,
  RolloutGate,
  S3Gate,
  SqlGate,
  workloadName,
  type ClusterRef,
  type Gate,
  type GateArgs,
  type Questions,
} from '../components/gates/index.ts';
import type { Minio } from '../components/minio/index.ts';
import type { Postgres } from '../components/postgres/index.ts';
import type { Redis } from '../components/redis/index.ts';
import type { Settings } from './config/systems/corporate-intelligence.ts';

/** A question without what its gate knows already. */
export type Ask<K extends keyof Questions, Known extends string> = GateArgs &
  Omit<Questions[K], 'cluster' | 'target' | 'workloads' | Known>;

export type HttpAsk = Ask<'HttpGate', never>;
export type SqlAsk = Ask<'SqlGate', 'database' | 'user' | 'password'>;
export type RedisAsk = Ask<'RedisGate', 'password'>;
export type S3Ask = Ask<'S3Gate', 'accessKey' | 'secretKey' | 'tls'>;

/** What the gates of any system are told: how patient they are, and as whom the database is asked. */
export interface GateSettings {
  readonly gates: Settings['gates'];
  readonly postgres: Pick<Settings['postgres'], 'user' | 'database'>;
}

/** Something that runs and can be judged. */
export type Part = Pick<Api | Postgres | Redis | Minio, 'workload' | 'subject'>;
/** Something that also answers. */
type Answering = Pick<Api | Postgres | Redis | Minio, 'workload' | 'subject' | 'port'>;
type After = readonly Resource[];

/** How much longer than its window a gate on restarts may ask. */
const MARGIN_SECONDS = 60;

/** Makes gates and remembers them. Each waits for what is given last. */
export class Gatekeeper {
  /** Every gate made so far, by its name. */
  readonly all: Record<string, Gate> = {};
  readonly #settings: GateSettings;
  readonly #cluster: ClusterRef;

  constructor(settings: GateSettings, cluster: ClusterRef) {
    this.#settings = settings;
    this.#cluster = cluster;
  }

  #keep<G extends Gate>(name: string, gate: G): G {
    this.all[name] = gate;
    return gate;
  }

  #of({ workload, subject, port }: Answering) {
    return { cluster: this.#cluster, subject, target: { workload, port } };
  }

  #ofAll(parts: readonly Part[]) {
    return {
      cluster: this.#cluster,
      workloads: parts.map(({ workload }): Workload => workload),
      subjects: Object.fromEntries(parts.map(({ workload, subject }) => [workloadName(workload), subject])),
    };
  }

  /** Images that no registry has are on every node. */
  images(name: string, images: readonly string[]): Gate {
    return this.#keep(name, new ImageGate(name, { cluster: this.#cluster, images }));
  }

  /** Every image is named by its digest and not by a tag, which others can move. */
  pins(name: string, images: readonly Image[]): Gate {
    const references = images.map(({ reference }) => reference).toSorted();
    return this.#keep(name, new PinGate(name, { cluster: this.#cluster, images: references }));
  }

  /** cert-manager's webhook answers: a request that is none is refused by it. */
  certManager(name: string, namespace: string, subject: Input<string>, dependsOn: After): Gate {
    const refuses = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'CertificateRequest',
      metadata: { name: 'refused', namespace },
      spec: { request: Buffer.from('no request').toString('base64'), issuerRef: { name: 'nobody', kind: 'Issuer' } },
    };
    const args = {
      cluster: this.#cluster,
      subject,
      requirement: 'D-K8S-11',
      webhook: 'webhook.cert-manager.io',
      refuses,
    };
    return this.#keep(name, new AdmissionGate(name, args, { dependsOn: [...dependsOn] }));
  }

  /** Certificates are issued as they are asked for, and valid. */
  certificates(
    name: string,
    issued: readonly Pick<ServerCertificate, 'certificate' | 'subject'>[],
    ask: GateArgs,
    dependsOn: After,
  ): Gate {
    const args = {
      ...ask,
      cluster: this.#cluster,
      certificates: issued.map(({ certificate }) => certificate),
      subjects: Object.fromEntries(issued.map(({ certificate, subject }) => [certificate.name, subject])),
    };
    return this.#keep(name, new CertificateGate(name, args, { dependsOn: [...dependsOn] }));
  }

  http(name: string, api: Answering, ask: HttpAsk, dependsOn: After): Gate {
    const patience = { ...this.#settings.gates.endpoint, ...ask.patience };
    return this.#keep(name, new HttpGate(name, { ...this.#of(api), ...ask, patience }, { dependsOn: [...dependsOn] }));
  }

  /** @param content what the answer also depends on: another content is another gate, and asks anew */
  sql(name: string, postgres: Postgres, ask: SqlAsk, dependsOn: After, content?: string): Gate {
    const { user, database } = this.#settings.postgres;
    const args = { ...this.#of(postgres), database, user, password: postgres.passwordRef, ...ask };
    const resource = content === undefined ? name : `${name}-${content}`;
    return this.#keep(name, new SqlGate(resource, args, { dependsOn: [...dependsOn] }));
  }

  redis(name: string, redis: Redis, ask: RedisAsk, dependsOn: After): Gate {
    const args = { ...this.#of(redis), password: redis.passwordRef, ...ask };
    return this.#keep(name, new RedisGate(name, args, { dependsOn: [...dependsOn] }));
  }

  s3(name: string, minio: Minio, ask: S3Ask, dependsOn: After): Gate {
    const { accessKeyRef: accessKey, secretKeyRef: secretKey, trust } = minio;
    const args = { ...this.#of(minio), accessKey, secretKey, ...(trust && { tls: trust }), ...ask };
    return this.#keep(name, new S3Gate(name, args, { dependsOn: [...dependsOn] }));
  }

  /** All parts have rolled out, and enough pods are ready (A-GATE-9). */
  healthy(name: string, parts: readonly Part[], dependsOn: After, requirement = 'A-GATE-9'): Gate {
    const { atLeast: atLeastReady, ...patience } = this.#settings.gates.healthy;
    const args = { ...this.#ofAll(parts), requirement, atLeastReady, patience };
    return this.#keep(name, new RolloutGate(name, args, { dependsOn: [...dependsOn] }));
  }

  /** No container of the parts restarts while the window lasts (A-OK-1). */
  noRestarts(name: string, parts: readonly Part[], dependsOn: After, requirement = 'A-OK-1'): Gate {
    const window = this.#settings.gates.restartWindow;
    const patience = { deadline: `${seconds(window) + MARGIN_SECONDS}s` } as const;
    const args = { ...this.#ofAll(parts), requirement, window, patience };
    return this.#keep(name, new RestartGate(name, args, { dependsOn: [...dependsOn] }));
  }
}
