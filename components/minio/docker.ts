/** MinIO as one container (A-TOPO-2, E-TOPO-1). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import type { Contained } from '../container/index.ts';
import type { ServiceFacts } from '../core/index.ts';
import { FOLDERS, GRACE, HEALTH, PORTS, serverArguments, serverEnvironment } from './facts.ts';
import { metricsToken } from './metrics.ts';

export { PORTS as MINIO_PORTS } from './facts.ts';

interface Root {
  /** The root user (A-ENV-17). */
  readonly accessKey: string;
  readonly secretKey: pulumi.Output<string>;
}

export interface MinioService extends Root, Pick<ServiceFacts, 'name' | 'image' | 'cpu' | 'memory'> {
  /** 32 bytes in base64, with which objects are encrypted; needed for ever. Left out: the store has no key. */
  readonly encryptionKey?: pulumi.Output<string> | undefined;
}

export const minioContainer = ({ accessKey, secretKey, encryptionKey: key, ...own }: MinioService): Contained => ({
  facts: {
    ...own,
    command: serverArguments(FOLDERS.data),
    ports: PORTS,
    health: {
      command: ['curl', '--fail', '--silent', '--output', '/dev/null', `http://127.0.0.1:${PORTS.s3}${HEALTH.live}`],
      interval: '5s',
    },
    settings: serverEnvironment(key !== undefined),
    scratch: { '/tmp': '64Mi' },
    stopGrace: `${GRACE}s`,
  },
  data: FOLDERS.data,
  files: {
    [`${FOLDERS.auth}/access-key`]: { content: accessKey },
    [`${FOLDERS.auth}/secret-key`]: { content: secretKey, secret: true },
    ...(key && { [`${FOLDERS.auth}/encryption-key`]: { content: pulumi.interpolate`minio:${key}`, secret: true } }),
  },
});

/** Where and with what its figures are read: by a token of the root user's that is good for nothing else. */
export const minioMetrics = ({ accessKey, secretKey }: Root) => ({
  path: '/minio/v2/metrics/cluster',
  token: secretKey.apply((secret) => metricsToken(accessKey, secret)),
});

export interface BucketsTask extends Root, Pick<ServiceFacts, 'name' | 'image' | 'cpu' | 'memory'> {
  /** Scheme, name and port of the store. */
  readonly endpoint: string;
  readonly buckets: readonly { readonly name: string; readonly anonymousDownload: boolean }[];
}

const names = (buckets: BucketsTask['buckets']): string => buckets.map(({ name }) => name).join(' ');

/** Makes what is not there and leaves what is (A-STOR-1, A-STOR-2), with the client of the store's own image. */
export const bucketsTask = ({ endpoint, buckets, accessKey, secretKey, ...own }: BucketsTask): Contained => ({
  facts: {
    ...own,
    entrypoint: ['sh', '-c'],
    command: [script('buckets')],
    ports: {},
    settings: {
      ...{ ACCESS_KEY: accessKey, ENDPOINT: endpoint, BUCKETS: names(buckets) },
      PUBLIC: names(buckets.filter(({ anonymousDownload }) => anonymousDownload)),
    },
    scratch: { '/tmp': '8Mi' },
  },
  secrets: { SECRET_KEY: secretKey },
});

/** A checkout may have other line ends; what runs must not. */
const script = (name: string): string =>
  readFileSync(join(import.meta.dirname, `scripts/${name}.sh`), 'utf8').replaceAll('\r\n', '\n');
