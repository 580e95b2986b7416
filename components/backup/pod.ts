/** The pod of a backup: one container dumps, the next one stores. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as pulumi from '@pulumi/pulumi';
import { CONTAINER_SECURITY, podSecurity, resources, type Image } from '../core/index.ts';
import type { PreReleaseBackupArgs } from './pre-release.ts';

/** The key of the Secret that the store's user signs in with. */
export const SECRET_KEY = 'secret-key';

/** Where the authorities of the two servers lie. */
const AUTHORITIES = { database: '/etc/database-ca', store: '/etc/store-ca' } as const;
const DUMP = '/backup/dump';

/** The sources that travel. A checkout may have other line ends; what runs, and the name of its content, must not. */
export function jobFiles(folder = join(import.meta.dirname, 'job')): Record<string, string> {
  const names = readdirSync(folder).toSorted();
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
  return { 'package.json': '{ "type": "module" }\n', ...Object.fromEntries(names.map((name) => [name, text(name)])) };
}

interface Within {
  readonly name: string;
  /** The Secret with the store's secret key, and the ConfigMap with the sources. */
  readonly login: string;
  readonly code: string;
  readonly attempt: pulumi.Input<string>;
}

type Args = Pick<PreReleaseBackupArgs, 'database' | 'image' | 'endpoint' | 'bucket' | 'space'> & Within;

const variables = (
  plain: Readonly<Record<string, pulumi.Input<string>>>,
  secrets: Readonly<Record<string, { readonly name: string; readonly key: string }>>,
) => [
  ...Object.entries(plain)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value })),
  ...Object.entries(secrets).map(([name, secretKeyRef]) => ({ name, valueFrom: { secretKeyRef } })),
];

export function podSpec(args: Args) {
  const { database, image, endpoint } = args;
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // Both write and read the one volume: it belongs to a group that both are given.
    securityContext: podSecurity(image.uid),
    initContainers: [dump(args)],
    containers: [store(args)],
    volumes: [
      { name: 'backup', emptyDir: { sizeLimit: args.space } },
      { name: 'tmp', emptyDir: {} },
      { name: 'code', configMap: { name: args.code } },
      ...authority('database', database.tls),
      ...authority('store', endpoint.tls),
    ],
  };
}

/** A dump whose table of contents cannot be read is none. */
const COMMAND = `pg_dump --format=custom --no-password --file=${DUMP} && pg_restore --list --file=/tmp/contents ${DUMP}`;

function dump({ database, space }: Args) {
  const { host, port, name, user, password, tls } = database;
  const plain = {
    ...{ PGDATABASE: name, PGHOST: host, PGPORT: `${port}`, PGUSER: user, PGCONNECT_TIMEOUT: '10' },
    ...(tls && { PGSSLMODE: 'verify-full', PGSSLROOTCERT: `${AUTHORITIES.database}/ca.crt` }),
  };
  return {
    ...container('dump', database.image, ['sh', '-ec', COMMAND], space),
    env: variables(plain, { PGPASSWORD: { name: password.name, key: password.key } }),
    volumeMounts: [...SHARED, ...mounted('database', tls)],
  };
}

function store({ name, login, attempt, database, image, endpoint, bucket, space }: Args) {
  const plain = {
    ...{ ACCESS_KEY: name, ATTEMPT: attempt, BUCKET: bucket, DUMP, ENDPOINT: endpoint.url, PGDATABASE: database.name },
    ...(endpoint.tls && { NODE_EXTRA_CA_CERTS: `${AUTHORITIES.store}/ca.crt` }),
  };
  return {
    ...container('store', image, ['node', '/code/main.ts'], space),
    env: variables(plain, { SECRET_KEY: { name: login, key: SECRET_KEY } }),
    volumeMounts: [...SHARED, { name: 'code', mountPath: '/code', readOnly: true }, ...mounted('store', endpoint.tls)],
  };
}

const SHARED = [
  { name: 'backup', mountPath: '/backup' },
  { name: 'tmp', mountPath: '/tmp' },
];

const SIZE = resources({ request: '50m', limit: '1' }, { request: '96Mi', limit: '256Mi' });

const container = (name: string, image: Image, command: readonly string[], space: string) => ({
  name,
  image: image.reference,
  imagePullPolicy: 'IfNotPresent',
  command: [...command],
  // The dump counts as what the container has written beside its volumes.
  resources: {
    ...SIZE,
    limits: { ...SIZE.limits, 'ephemeral-storage': space },
  },
  securityContext: { ...CONTAINER_SECURITY, runAsUser: image.uid },
});

type Authority = { readonly secretName: string } | undefined;

const mounted = (of: keyof typeof AUTHORITIES, tls: Authority) =>
  tls ? [{ name: `${of}-ca`, mountPath: AUTHORITIES[of], readOnly: true }] : [];

/** The key beside it is the server's own, and stays out. */
const authority = (of: keyof typeof AUTHORITIES, tls: Authority) =>
  tls
    ? [
        {
          name: `${of}-ca`,
          secret: { secretName: tls.secretName, defaultMode: 0o444, items: [{ key: 'ca.crt', path: 'ca.crt' }] },
        },
      ]
    : [];
