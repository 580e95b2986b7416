/** What may be stated of a bucket, and how S3 spells it. Pure: nothing here knows how a store is reached. */

/** After how many days objects go by themselves (D-BKP-8). What is left out stays. */
export interface Expiry {
  /** Days after an object was written. */
  readonly objects?: number | undefined;
  /** Days after a version was replaced or deleted by a newer one. Needs versioning. */
  readonly oldVersions?: number | undefined;
}

/** What is stated of a bucket, but for where it is copied to. */
export interface Settings {
  readonly bucket: string;
  readonly anonymousDownload: boolean;
  readonly versioning: boolean;
  readonly encrypted: boolean;
  readonly expiry: Expiry;
}

/** A rule of a lifecycle, as S3 spells it. */
interface Rule {
  readonly ID?: string;
  readonly Status?: string;
  readonly Filter?: unknown;
  readonly Expiration?: { readonly Days?: number | string; readonly ExpiredObjectDeleteMarker?: unknown };
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays?: number | string };
  readonly [other: string]: unknown;
}

const RULE = 'expiry';
/** What a rule of ours holds, and nothing beside. */
const KNOWN = new Set(['ID', 'Status', 'Filter', 'Prefix', 'Expiration', 'NoncurrentVersionExpiration']);

/** The lifecycle of a bucket: one rule, or none. */
export function lifecycleOf({ objects, oldVersions }: Expiry): { Rule: Rule[] } | undefined {
  if (objects === undefined && oldVersions === undefined) return undefined;
  return {
    Rule: [
      {
        ID: RULE,
        Status: 'Enabled',
        Filter: { Prefix: '' },
        ...(objects !== undefined && { Expiration: { Days: objects } }),
        ...(oldVersions !== undefined && { NoncurrentVersionExpiration: { NoncurrentDays: oldVersions } }),
      },
    ],
  };
}

/** What a lifecycle amounts to; `other` for one that is not of ours. */
export function expiryOf(lifecycle: { Rule?: Rule | Rule[] } | undefined): Expiry | 'other' {
  const rules = [lifecycle?.Rule ?? []].flat();
  const [rule, ...more] = rules;
  if (rule === undefined) return {};
  const foreign =
    more.length > 0 ||
    rule.Status !== 'Enabled' ||
    prefixOf(rule) !== '' ||
    Object.keys(rule).some((key) => !KNOWN.has(key));
  if (foreign) return 'other';
  const objects = rule.Expiration?.Days;
  const oldVersions = rule.NoncurrentVersionExpiration?.NoncurrentDays;
  return {
    ...(objects !== undefined && { objects: Number(objects) }),
    ...(oldVersions !== undefined && { oldVersions: Number(oldVersions) }),
  };
}

/** The part of the bucket that a rule is for: all of it where nothing is said. */
function prefixOf({ Filter, Prefix }: Rule): string {
  const filter = Filter !== null && typeof Filter === 'object' ? (Filter as Record<string, unknown>) : {};
  if (Object.keys(filter).some((key) => key !== 'Prefix')) return 'a filter';
  const prefix = filter['Prefix'] ?? Prefix ?? '';
  return typeof prefix === 'string' ? prefix : '';
}

/** Everything of a bucket is copied: what is there, what comes, and what is deleted. `arn` names the target. */
export const replicationXml = (arn: string): string =>
  '<ReplicationConfiguration><Role></Role><Rule><ID>copy</ID><Status>Enabled</Status><Priority>1</Priority>' +
  '<DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication>' +
  '<DeleteReplication><Status>Enabled</Status></DeleteReplication>' +
  '<ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication>' +
  `<Destination><Bucket>${arn}</Bucket></Destination><Filter><Prefix></Prefix></Filter></Rule></ReplicationConfiguration>`;
