/** Where a bucket is copied to: brought to what is stated, and told as it is. Knows MinIO, not how to reach it. */
import type { Admin, NewTarget, RemoteTarget } from './admin.ts';
import { replicationXml } from './wanted.ts';

/** The part of the S3 API about copying. */
export interface Copying {
  /** The configuration's text; empty where there is none. */
  replication(bucket: string): Promise<string>;
  /** An empty text removes it. */
  setReplication(bucket: string, xml: string): Promise<void>;
}

/** What is there: the target by address and bucket, or what keeps it from being that. */
export type Copied = { readonly endpoint: string; readonly bucket: string } | 'none' | 'other';

const REPLICATION = 'replication';

const ours = (targets: readonly RemoteTarget[], wanted: Pick<NewTarget, 'endpoint' | 'bucket' | 'secure'>) =>
  targets.find(
    ({ endpoint, targetbucket, secure }) =>
      endpoint === wanted.endpoint && targetbucket === wanted.bucket && secure === wanted.secure,
  );

const targetsOf = async (admin: Admin, bucket: string): Promise<RemoteTarget[]> =>
  (await admin.targets(bucket)).filter(({ type }) => type === REPLICATION);

/** Copies the bucket there and nowhere else; without a target, nowhere. The credentials are set anew each time. */
export async function copyTo(
  copying: Copying,
  admin: Admin,
  bucket: string,
  wanted: NewTarget | undefined,
): Promise<void> {
  const targets = await targetsOf(admin, bucket);
  const known = wanted && ours(targets, wanted);
  const arn = wanted && (await admin.setTarget(bucket, wanted, known?.arn));
  const configured = await copying.replication(bucket);
  const xml = arn === undefined ? '' : replicationXml(arn);
  // Whether it is ours is told by the target and the rule's name: the server spells it in its own way.
  if (arn === undefined ? configured !== '' : !isCopyTo(configured, arn)) await copying.setReplication(bucket, xml);
  for (const target of targets) if (target.arn !== arn) await admin.removeTarget(bucket, target.arn);
}

/** Whether this is the one rule that copies everything to the target. */
function isCopyTo(xml: string, arn: string): boolean {
  const all = (tag: string): string[] =>
    [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map((hit) => hit[1]!);
  return (
    all('ID').join() === 'copy' &&
    all('Bucket').join() === arn &&
    all('Status').every((status) => status === 'Enabled') &&
    all('Prefix').every((prefix) => prefix === '')
  );
}

/** Where the bucket is really copied to. */
export async function copiedTo(copying: Copying, admin: Admin, bucket: string): Promise<Copied> {
  const [target, ...more] = await targetsOf(admin, bucket);
  const configured = await copying.replication(bucket);
  if (target === undefined && configured === '') return 'none';
  if (target === undefined || more.length > 0 || !isCopyTo(configured, target.arn)) return 'other';
  return { endpoint: `${target.secure ? 'https' : 'http'}://${target.endpoint}`, bucket: target.targetbucket };
}
