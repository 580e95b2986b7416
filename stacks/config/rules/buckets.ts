/** The buckets of the Corporate Intelligence Platform, wherever it runs. */
import type { Problems } from '../../../components/core/index.ts';

interface Stored {
  readonly minio: { readonly buckets: Readonly<Record<'documents' | 'reports', { readonly name: string }>> };
}

export function checkBucketNames({ minio: { buckets } }: Stored, problems: Problems): void {
  problems.require(buckets.documents.name !== buckets.reports.name, {
    where: 'minio.buckets.reports.name',
    found: `"${buckets.reports.name}"`,
    wanted: 'another name than minio.buckets.documents.name',
  });
}
