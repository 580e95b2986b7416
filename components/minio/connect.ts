/** The way to a store for the resources in it: by a port-forward, with credentials that are read when they are needed. */
import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'minio';
import {
  Credentials,
  openCluster,
  reach,
  type Cluster,
  type ClusterRef,
  type SecretKeyRef,
  type WorkloadTarget,
} from '../gates/index.ts';
import { adminOf, type Admin } from './admin.ts';

/** Where a store is, and who the root of it is. Names only. */
export interface StoreRef {
  readonly cluster: ClusterRef;
  /** The store's S3 port; reached by a port-forward. */
  readonly target: WorkloadTarget;
  readonly accessKey: SecretKeyRef;
  readonly secretKey: SecretKeyRef;
  /** The authority of its certificate, and a name that stands in it. Left out: the store speaks plainly. */
  readonly tls?: { readonly authority: SecretKeyRef; readonly serverName: string };
}

/** A way that is open. */
export interface Reached {
  readonly client: Client;
  readonly admin: Admin;
  /** Reads another Secret; its value is kept out of what is said. */
  secret(ref: SecretKeyRef): Promise<string>;
}

/** How long the store may take to answer all questions about one resource. */
const LIMIT_MS = 30_000;
/** How long a store may say that it is not up yet: its nodes have to find each other after a start. */
const STARTS_MS = 120_000;
const PAUSE_MS = 2000;
/** Without a region the library asks for each bucket's first. */
export const REGION = 'us-east-1';

/**
 * Calls `use` with the store, again while the store says that it is still starting: `use` has to bear being repeated. What
 * it throws begins with `what`, and names no credential.
 */
export async function withStore<T>(what: string, store: StoreRef, use: (reached: Reached) => Promise<T>): Promise<T> {
  const deadline = Date.now() + STARTS_MS;
  for (;;) {
    try {
      return await once(what, store, use);
    } catch (thrown) {
      if (!STARTING.test(wordsOf(thrown)) || Date.now() > deadline) throw thrown;
      await sleep(PAUSE_MS);
    }
  }
}

/** What a store answers, by itself or through its client, while its nodes are not together. */
const STARTING = /\b503\b|SlowDown|ServiceUnavailable|XMinioServerNotInitialized|not initialized/;

async function once<T>(what: string, store: StoreRef, use: (reached: Reached) => Promise<T>): Promise<T> {
  let opened: Promise<Cluster> | undefined;
  const cluster = (): Promise<Cluster> => (opened ??= openCluster(store.cluster));
  const credentials = new Credentials(cluster);
  const secret = (ref: SecretKeyRef): Promise<string> => credentials.read(ref);
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    const [accessKey, secretKey] = [await secret(store.accessKey), await secret(store.secretKey)];
    const agent = store.tls && {
      transportAgent: new Agent({ ca: await secret(store.tls.authority), servername: store.tls.serverName }),
    };
    return await reach(store.target, { cluster, turn: 0, signal }, ({ host, port }) => {
      const where = { endPoint: host, port, useSSL: agent !== undefined, pathStyle: true, region: REGION };
      const client = new Client({ ...where, ...agent, accessKey, secretKey });
      return use({ client, admin: adminOf(client, secretKey), secret });
    });
  } catch (thrown) {
    const reason = signal.aborted ? `no answer within ${LIMIT_MS / 1000} s` : wordsOf(thrown);
    // The cause stays out: it may hold what was just taken out of its message.
    throw new Error(`${what}: ${credentials.redact(reason)}`);
  }
}

const wordsOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
