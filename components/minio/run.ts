/** What a Bucket does: imported by its shell inside the provider host. Contacts the store on create, update and read. */
import type { Client } from 'minio';
import type { NewTarget } from './admin.ts';
import type { BucketInputs, CopyTarget } from './bucket.ts';
import { REGION, withStore, type Reached } from './connect.ts';
import { converge, look } from './converge.ts';
import { copiedTo, copyTo, type Copying } from './replication.ts';

interface Inputs extends BucketInputs {
  readonly subject: string;
}

const place = ({ bucket }: Inputs): string => `bucket ${bucket}`;

/** What the library has no complete words for: the configuration as the text it is. */
const copyingOf = (client: Client): Copying => ({
  replication: async (bucketName) => {
    try {
      const answer = await client.makeRequestAsync(
        { method: 'GET', bucketName, query: 'replication' },
        '',
        [200],
        REGION,
      );
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
      return text;
    } catch (thrown) {
      if ((thrown as { code?: string }).code === 'ReplicationConfigurationNotFoundError') return '';
      throw thrown;
    }
  },
  setReplication: async (bucketName, xml) => {
    const method = xml === '' ? 'DELETE' : 'PUT';
    await client.makeRequestAsync({ method, bucketName, query: 'replication' }, xml, [200, 204], REGION);
  },
});

async function targetOf(target: CopyTarget, reached: Reached): Promise<NewTarget> {
  const { protocol, host } = new URL(target.endpoint);
  return {
    endpoint: host,
    bucket: target.bucket,
    secure: protocol === 'https:',
    region: target.region ?? REGION,
    accessKey: await reached.secret(target.accessKey),
    secretKey: await reached.secret(target.secretKey),
  };
}

async function converged(inputs: Inputs): Promise<Record<string, unknown>> {
  const { bucket, anonymousDownload, versioning = false, encrypted = false, expiry = {} } = inputs;
  await withStore(place(inputs), inputs, async (reached) => {
    const target = inputs.copyTo && (await targetOf(inputs.copyTo, reached));
    // A bucket that is copied cannot lose its versions: the copying ends first, and begins last.
    if (target === undefined && (await reached.client.bucketExists(bucket))) await ended(reached, bucket);
    await converge(reached.client, { bucket, anonymousDownload, versioning, encrypted, expiry });
    if (target !== undefined) await copyTo(copyingOf(reached.client), reached.admin, bucket, target);
  });
  return { ...inputs, exists: true };
}

const ended = ({ client, admin }: Reached, bucket: string): Promise<void> =>
  copyTo(copyingOf(client), admin, bucket, undefined);

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
  const seen = await withStore(place(state), state, async ({ client, admin }) => {
    const { exists, ...settings } = await look(client, state.bucket);
    return { exists, settings, copied: exists ? await copiedTo(copyingOf(client), admin, state.bucket) : 'none' };
  });
  const { settings, copied } = seen;
  const wanted = state.copyTo;
  const asStated =
    copied === 'none' || copied === 'other'
      ? copied === 'none' && wanted === undefined
      : copied.endpoint === wanted?.endpoint && copied.bucket === wanted.bucket;
  const props: Record<string, unknown> = { ...state, exists: seen.exists };
  if (!asStated) props['copyTo'] = copied;
  // A default that is not stated does not come up by being read.
  const defaults: Record<string, unknown> = { versioning: false, encrypted: false, expiry: {} };
  for (const [setting, value] of Object.entries(settings)) {
    const unstated = !(setting in state) && JSON.stringify(value) === JSON.stringify(defaults[setting]);
    if (!unstated) props[setting] = value;
  }
  // A bucket that is gone is told by an answer that no program states; to forget it would forget its place in order too.
  if (!seen.exists) props['anonymousDownload'] = 'missing';
  return { id, props };
}
