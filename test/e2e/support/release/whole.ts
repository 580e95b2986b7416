/**
 * What stands around the workload in the trial program with `whole`: PostgreSQL, MinIO, the dump before each attempt, and the
 * reference API's real migrations. Parts of its source, each where the program wants it.
 */
import { imagesOf, type Images } from '../../../../stacks/images.ts';

/** Of the reference API: each brings the schema of its release, and looks for its faults in the environment. */
const MIGRATIONS = 'docker.io/library/corporate-intel-api';
const API_USER = 10001;

const shown = (images: Images, name: keyof Images): string => JSON.stringify(images[name]);

/** The pods of each, and who talks to whom. */
export const WHOLE_PLACES = `{
  postgres: { pods: selector({ component: 'postgres', instance: 'postgres' }) },
  minio: { pods: selector({ component: 'minio', instance: 'minio' }) },
  migrate: { pods: selector({ component: 'migrate', instance: 'migrate' }) },
  backup: { pods: selector({ component: 'backup', instance: 'backup' }) },
}`;

export const wholeEdges = (name: string): string => `[
  ...['migrate', 'backup', '${name}'].flatMap((from) => [
    { from, to: 'dns', port: 53, protocols: ['TCP', 'UDP'] as const },
    { from, to: 'postgres', port: 5432 },
  ]),
  { from: 'backup', to: 'minio', port: 9000 },
]`;

export const WHOLE_IMPORTS = `
import { RandomPassword } from '@pulumi/random/randomPassword.js';
import { PreReleaseBackup } from './components/backup/index.ts';
import { Migration } from './components/migration/index.ts';
import { Minio } from './components/minio/index.ts';
import { Postgres } from './components/postgres/index.ts';
`;

/** Makes the stores, and gives what has to be done between the rest and the release. */
export function wholeBetween(images: Images = imagesOf(false)): string {
  return `((): ((prepared: any) => readonly pulumi.Resource[]) => {
  const fingerprintKey = new RandomPassword('fingerprint-key', { length: 32, special: false }).result;
  const common = { namespace, partOf: 'trial', fingerprintKey, cpu: { request: '20m', limit: '2' }, startDeadline: '2m', storage: '256Mi' } as const;
  const stored = { ...providers, dependsOn: [guard] };
  const postgres = new Postgres('postgres', {
    ...common, image: ${shown(images, 'postgres')}, cluster: {}, memory: '256Mi', timescaledb: false,
    user: 'trial', database: 'trial', maxConnections: 30, slowQueryMilliseconds: 1000,
  }, stored);
  const minio = new Minio('minio', { ...common, image: ${shown(images, 'minio')}, memory: '256Mi', accessKey: 'root-of-trial' }, stored);
  const connection = { host: 'postgres', port: postgres.port, user: 'trial', database: 'trial', tls: false };
  return (prepared) => {
    const backup = new PreReleaseBackup('pre-release-backup', {
      ...{ cluster: {}, namespace, partOf: 'trial', fingerprintKey, attempt: prepared.next, image: ${shown(images, 'node')} },
      database: { ...connection, name: 'trial', image: ${shown(images, 'postgres')}, password: postgres.passwordRef },
      store: minio, endpoint: { url: 'http://minio:9000' }, bucket: 'dumps', keep: 1, space: '256Mi', deadline: '90s',
    }, { ...providers, dependsOn: [prepared, postgres, minio] });
    const { schema = '1.0.0', faults = {} } = migration;
    return [new Migration('migrate', {
      ...{ namespace, partOf: 'trial', version, image: { reference: '${MIGRATIONS}:' + schema, uid: ${API_USER} } },
      ...{ postgres: connection, password: postgres.password, cpu: common.cpu, memory: '256Mi', deadline: '90s', extraEnvironment: faults },
    } as any, { ...providers, dependsOn: [backup] })];
  };
})()`;
}
