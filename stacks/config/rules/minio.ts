/** Buckets: their names, and who may read them. */
import type { Problems } from '../../../components/core/index.ts';
import type { Settings } from '../schema.ts';

export function checkBuckets({ minio }: Settings, problems: Problems): void {
  const { documents, reports } = minio.buckets;
  problems.require(documents.name !== reports.name, {
    where: 'minio.buckets.reports.name',
    found: `"${reports.name}"`,
    wanted: 'another name than minio.buckets.documents.name',
  });
  for (const [name, { anonymousDownload }] of Object.entries(minio.buckets)) {
    problems.require(minio.allowAnonymous || !anonymousDownload, {
      where: `minio.buckets.${name}.anonymousDownload`,
      found: 'true',
      wanted: 'false while minio.allowAnonymous is false',
    });
  }
}
