/** The one bucket policy there is here: what `mc anonymous set download` sets. Pure. */

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
