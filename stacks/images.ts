/** The images of the platform and the users they run as, in one place. Versions nobody states are our choice (GAP-8). */
import type { Image } from '../components/core/index.ts';

/** What the project's own API image runs as; set in its Dockerfile. */
const API_USER = 10001;

export const IMAGES = {
  /** A-TOPO-2: PostgreSQL 15. Repository and user as published by the Docker Official Image `postgres`. */
  postgres: { reference: 'docker.io/library/postgres:15.20', uid: 999 },
  /** CONF-7: TimescaleDB 2.13.0 on PostgreSQL 15. Repository and user as published by Timescale (Alpine). */
  timescaledb: { reference: 'docker.io/timescale/timescaledb:2.13.0-pg15', uid: 70 },
  /** A-TOPO-2: Redis 7. Repository and user as published by the Docker Official Image `redis`. */
  redis: { reference: 'docker.io/library/redis:7.0.15', uid: 999 },
  /** A-TOPO-2: MinIO. Repository as published by MinIO; its image names no user, so the number is ours. */
  minio: { reference: 'quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z', uid: 1000 },
} as const satisfies Record<string, Image>;

/** The API's image at a version. */
export const apiImage = (repository: string, version: string): Image => ({
  reference: `${repository}:${version}`,
  uid: API_USER,
});

/** Whether an image names no registry: then nobody can fetch it, and it has to be on the nodes already. */
export const isLocalOnly = ({ reference }: Image): boolean => {
  const [first, ...rest] = reference.split('/');
  return rest.length === 0 || !/[.:]|^localhost$/.test(first!);
};
