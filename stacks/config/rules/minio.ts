/** Buckets: who may read them, and what is kept of them. */
import type { Problems } from '../../../components/core/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';

export function checkBuckets({ minio }: Settings, problems: Problems): void {
  for (const [name, { anonymousDownload }] of Object.entries(minio.buckets)) {
    problems.require(minio.allowAnonymous || !anonymousDownload, {
      where: `minio.buckets.${name}.anonymousDownload`,
      found: 'true',
      wanted: 'false while minio.allowAnonymous is false',
    });
  }
  for (const [name, bucket] of Object.entries(minio.buckets)) checkVersions(name, bucket, minio, problems);
}

/** Old versions and copies are of versions: without versioning there are none. */
function checkVersions(
  name: string,
  { versioning, expiry, copyTo }: Settings['minio']['buckets']['documents'],
  { copies }: Settings['minio'],
  problems: Problems,
): void {
  const where = `minio.buckets.${name}`;
  const needing = [
    ...(expiry.oldVersions === undefined ? [] : [`${where}.expiry.oldVersions ${expiry.oldVersions}`]),
    ...(copyTo === undefined ? [] : [`${where}.copyTo "${copyTo}"`]),
  ];
  problems.require(versioning || needing.length === 0, {
    where: `${where}.versioning`,
    found: 'false',
    wanted: `true, because of ${needing.join(' and ')}`,
  });
  problems.require(!versioning || copies !== undefined || copyTo === undefined, {
    where: `${where}.copyTo`,
    found: `"${copyTo}"`,
    wanted: 'nothing while minio.copies is not stated, which says where to',
  });
}
