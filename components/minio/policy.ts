/** The policies there are here: what `mc anonymous set download` sets on a bucket, and what a user may do. Pure. */

const READS = ['s3:GetBucketLocation', 's3:GetObject', 's3:ListBucket'];

/** Anybody may list the bucket and download its objects; nothing else (A-STOR-2). */
export const downloadPolicy = (bucket: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      statement(['s3:GetBucketLocation', 's3:ListBucket'], `arn:aws:s3:::${bucket}`),
      statement(['s3:GetObject'], `arn:aws:s3:::${bucket}/*`),
    ],
  });

const statement = (actions: string[], resource: string) => ({
  Effect: 'Allow',
  Principal: { AWS: ['*'] },
  Action: actions,
  Resource: [resource],
});

interface Statement {
  readonly Effect?: string;
  readonly Principal?: string | { readonly AWS?: string | string[] };
  readonly Action?: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: unknown;
}

/**
 * What a policy amounts to: `private` without one, `download` when it allows what {@link downloadPolicy} does and
 * nothing more, in whatever spelling the server gives it back, and `other` for everything else.
 */
export function accessOf(policy: string, bucket: string): 'private' | 'download' | 'other' {
  if (policy.trim() === '') return 'private';
  const { Statement: statements = [] } = JSON.parse(policy) as { Statement?: Statement[] };
  if (statements.length === 0) return 'private';
  const allowed = new Set<string>();
  for (const { Effect, Principal, Action = [], Resource = [], Condition } of statements) {
    if (Effect !== 'Allow' || Condition !== undefined || !isEverybody(Principal)) return 'other';
    for (const action of [Action].flat())
      for (const resource of [Resource].flat()) allowed.add(`${action} ${resource}`);
  }
  const wanted = READS.map((action) => `${action} arn:aws:s3:::${bucket}${action === 's3:GetObject' ? '/*' : ''}`);
  return allowed.size === wanted.length && wanted.every((one) => allowed.has(one)) ? 'download' : 'other';
}

const isEverybody = (principal: Statement['Principal']): boolean =>
  [typeof principal === 'object' ? (principal.AWS ?? []) : (principal ?? [])].flat().join() === '*';

const ON_BUCKETS = ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'];
const ON_OBJECTS = [
  's3:AbortMultipartUpload',
  's3:DeleteObject',
  's3:GetObject',
  's3:ListMultipartUploadParts',
  's3:PutObject',
];
const ARN = 'arn:aws:s3:::';

/** A user may list, read, write and delete the objects of these buckets. No old version can be deleted for good. */
export const userPolicy = (buckets: readonly string[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ON_BUCKETS, Resource: buckets.toSorted().map((bucket) => `${ARN}${bucket}`) },
      { Effect: 'Allow', Action: ON_OBJECTS, Resource: buckets.toSorted().map((bucket) => `${ARN}${bucket}/*`) },
    ],
  });

/** The buckets that a policy is {@link userPolicy} for, in order; `other` for one that allows anything else. */
export function bucketsOf(policy: string): string[] | 'other' {
  const { Statement: statements = [] } = JSON.parse(policy) as { Statement?: Statement[] };
  const resources = statements.flatMap(({ Resource = [] }) => Resource);
  const buckets = [...new Set(resources.map((arn) => arn.replace(ARN, '').replace(/\/\*$/, '')))].toSorted();
  const wanted = JSON.parse(userPolicy(buckets)) as { Statement: Statement[] };
  const spelt = (all: readonly Statement[]): string =>
    JSON.stringify(
      all
        .map(({ Effect, Action = [], Resource = [], Condition }) => [
          ...[Effect, Condition ?? null],
          ...[[Action].flat().toSorted(), [Resource].flat().toSorted()],
        ])
        .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    );
  return spelt(statements) === spelt(wanted.Statement) ? buckets : 'other';
}
