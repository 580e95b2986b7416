/** What a Bucket does: imported by its shell inside the provider host. Contacts the store on create, update and read. */
import { Client } from 'minio';
import { Credentials, openCluster, reach, type Cluster } from '../gates/index.ts';
import type { BucketInputs } from './bucket.ts';
import { converge, look, type Store } from './converge.ts';

interface Inputs extends BucketInputs {
  readonly subject: string;
}

/** How long the store may take to answer all questions about one bucket. */
const LIMIT_MS = 30_000;

/** Calls `use` with a client of the store. What it throws names no credential. */
async function withStore<T>(inputs: Inputs, use: (store: Store) => Promise<T>): Promise<T> {
  let opened: Promise<Cluster> | undefined;
  const cluster = (): Promise<Cluster> => (opened ??= openCluster(inputs.cluster));
  const credentials = new Credentials(cluster);
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    const accessKey = await credentials.read(inputs.accessKey);
    const secretKey = await credentials.read(inputs.secretKey);
    return await reach(inputs.target, { cluster, turn: 0, signal }, ({ host, port }) => {
      const where = { endPoint: host, port, useSSL: false, pathStyle: true };
      // Without a region the library asks for each bucket's first.
      return use(new Client({ ...where, accessKey, secretKey, region: 'us-east-1' }));
    });
  } catch (thrown) {
    const reason = signal.aborted ? `no answer within ${LIMIT_MS / 1000} s` : wordsOf(thrown);
    // The cause stays out: it may hold what was just taken out of its message.
    throw new Error(`bucket ${inputs.bucket}: ${credentials.redact(reason)}`);
  }
}

const wordsOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

async function converged(inputs: Inputs): Promise<Record<string, unknown>> {
  await withStore(inputs, (store) => converge(store, inputs));
  return { ...inputs, exists: true };
}

export const create = async (inputs: Inputs): Promise<{ id: string; outs: Record<string, unknown> }> => ({
  id: inputs.bucket,
  outs: await converged(inputs),
});

export const update = async (
  _id: string,
  _before: unknown,
  inputs: Inputs,
): Promise<{ outs: Record<string, unknown> }> => ({ outs: await converged(inputs) });

/** What is really there, as if it had been asked for: the next `up` sees how it differs from what is. */
export async function read(id: string, state: Inputs): Promise<{ id: string; props: Record<string, unknown> }> {
  const { exists, anonymousDownload } = await withStore(state, (store) => look(store, state.bucket));
  // A bucket that is gone is told by an answer that no program states; to forget it would forget its place in order too.
  return { id, props: { ...state, exists, anonymousDownload: exists ? anonymousDownload : 'missing' } };
}
