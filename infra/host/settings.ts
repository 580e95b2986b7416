/** What the preparation of a host is told, and what of it is refused. Nothing in it is secret: user data are not. */
import { bytes, isBytes, Problems, shown, WRITTEN, type Bytes } from '../../components/core/index.ts';
import { checkDoors, type Doors } from './doors.ts';

/** A file that the host fetches: the mirror is free to choose, the content is not. */
export interface Download {
  readonly url: string;
  /** SHA-256 in hexadecimal digits. Another content is not used, and the preparation stops. */
  readonly sha256: string;
}

/** Compose v2.23.0 for linux-x86_64 (C-HOST-7, CONF-41), as its project released it. */
export const COMPOSE: Download = {
  url: 'https://github.com/docker/compose/releases/download/v2.23.0/docker-compose-linux-x86_64',
  sha256: '6e06123399e5428fbd603564afdac74821fa0a7b4465e8a1a2359b362fc42fc4',
};

/** node_exporter 1.7.0 for linux-amd64 (C-MON-1), as its project released it. */
export const EXPORTER: Download & { readonly version: string } = {
  version: '1.7.0',
  url: 'https://github.com/prometheus/node_exporter/releases/download/v1.7.0/node_exporter-1.7.0.linux-amd64.tar.gz',
  sha256: 'a550cd5c05f760b7934a2d0afad66d2e92e681482f5f57a917465b1fba3b02a6',
};

/** Where the host's role finds the variables of the containers. */
export interface SecretSource {
  /** Name or ARN in Secrets Manager (HostSecret of infra/ec2). */
  readonly id: string;
  readonly region: string;
}

export interface HostSettings {
  /** What stands in names of files: `tria-aibpo` makes `/etc/logrotate.d/tria-aibpo` (C-LOG-1). */
  readonly name: string;
  /**
   * Who looks after the containers: in group `docker`, and thereby as mighty as root.
   * @default 'ubuntu' (C-HOST-4)
   */
  readonly owner?: string;
  /**
   * Where that user's files lie (C-HOST-8).
   * @default '/opt/tria'
   */
  readonly directory?: string;
  /**
   * The file of variables in that folder, only its owner's to read (CONF-30).
   * @default '.env'
   */
  readonly envFile?: string;
  readonly firewall: Doors;
  /**
   * The distribution's package with Docker, and the oldest version that will do. Ubuntu 22.04 has a later one among its
   * updates; where there is only an older one the preparation stops.
   * @default { package: 'docker.io', least: '24.0' } (CONF-41, A-HOST-3)
   */
  readonly docker?: { readonly package: string; readonly least: string };
  /** @default COMPOSE */
  readonly compose?: Download;
  /** @default EXPORTER */
  readonly exporter?: Download & { readonly version: string };
  /**
   * The disk that `/var/lib/docker` lies on, as the host sees it. It is formatted when it is blank.
   * @default none: it lies on the root disk
   */
  readonly dataDevice?: string;
  /**
   * What the file of variables is fetched from, at each boot.
   * @default none: who deploys writes the file
   */
  readonly secret?: SecretSource;
  /**
   * Below it the preparation stops. A machine sold with 4 GB shows somewhat less.
   * @default { memory: '3.5Gi', disk: '18Gi' } (C-HOST-6: 4 GB and 20 GB)
   */
  readonly least?: { readonly memory: Bytes; readonly disk: Bytes };
}

/** Everything decided. */
export type Settled = Required<Omit<HostSettings, 'dataDevice' | 'secret'>> &
  Pick<HostSettings, 'dataDevice' | 'secret'>;

/** @throws InputRefused with everything that is wrong */
export function settle(settings: HostSettings): Settled {
  const settled: Settled = {
    owner: 'ubuntu',
    directory: '/opt/tria',
    envFile: '.env',
    docker: { package: 'docker.io', least: '24.0' },
    compose: COMPOSE,
    exporter: EXPORTER,
    least: { memory: '3.5Gi', disk: '18Gi' },
    ...settings,
  };
  check(settled);
  return settled;
}

const NAMES: Partial<Record<keyof Settled, readonly [RegExp, string]>> = {
  name: [/^[a-z0-9][a-z0-9-]*$/, 'a name of a-z, 0-9 and inner hyphens'],
  owner: [/^[a-z_][a-z0-9_-]*$/, 'the name of a user'],
  directory: [/^\/[A-Za-z0-9._/-]+$/, 'a path from the root without blanks'],
  envFile: [/^[A-Za-z0-9._-]+$/, 'the name of a file in that folder'],
  dataDevice: [/^\/dev\/[A-Za-z0-9._/-]+$/, 'a device, as "/dev/disk/by-id/…"'],
};

function check(settled: Settled): void {
  const problems = new Problems();
  for (const [key, [pattern, wanted]] of Object.entries(NAMES)) {
    const found = settled[key as keyof Settled];
    if (found === undefined) continue;
    problems.require(typeof found === 'string' && pattern.test(found), {
      where: `HostSettings.${key}`,
      found: shown(found),
      wanted,
    });
  }
  problems.require(
    settled.secret === undefined || /^[\w/+=.@:-]+ [a-z0-9-]+$/.test(`${settled.secret.id} ${settled.secret.region}`),
    {
      where: 'HostSettings.secret',
      found: shown(settled.secret),
      wanted: 'the name or ARN of a secret, and a region like "us-east-1"',
    },
  );
  checkDoors(problems, 'HostSettings.firewall', settled.firewall);
  for (const key of ['compose', 'exporter'] as const) checkDownload(problems, `HostSettings.${key}`, settled[key]);
  for (const key of ['memory', 'disk'] as const) {
    problems.require(isBytes(settled.least[key]), {
      where: `HostSettings.least.${key}`,
      found: shown(settled.least[key]),
      wanted: WRITTEN.bytes,
    });
  }
  problems.throwIfAny(`the host ${settled.name}`);
}

function checkDownload(problems: Problems, where: string, { url, sha256 }: Download): void {
  problems.require(/^https?:\/\/[^\s']+$/.test(url), {
    where: `${where}.url`,
    found: shown(url),
    wanted: 'an address that begins with "https://"; "http://" will do, since the checksum decides',
  });
  problems.require(/^[0-9a-f]{64}$/.test(sha256), {
    where: `${where}.sha256`,
    found: shown(sha256),
    wanted: '64 hexadecimal digits: the SHA-256 of that file',
  });
}

/** Whole kibibytes, as the kernel counts. */
export const kibibytes = (text: Bytes): number => Math.floor(bytes(text) / 1024);
