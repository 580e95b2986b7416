/**
 * The preparation of a Docker host as one script (C-HOST-7, C-HOST-8, C-NET-1, C-MON-1, C-LOG-1): for user data, and for
 * an existing server over SSH. Its parts are ordinary files; only the values in front of them are put in.
 */
import { readFileSync } from 'node:fs';
import { doors } from './doors.ts';
import { kibibytes, settle, type HostSettings, type Settled } from './settings.ts';

/** In this order: the disk is there before Docker is, the firewall before a container. */
export const PARTS = ['begin', 'disk', 'packages', 'firewall', 'docker', 'exporter', 'logs', 'secrets'];

const BASE = ['ca-certificates', 'curl', 'git', 'jq', 'logrotate', 'ufw', 'iptables'];

/** For a shell, whatever stands in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The values that the parts read, each a line. */
export function values(settled: Settled): Record<string, string> {
  return {
    NAME: settled.name,
    OWNER: settled.owner,
    DIRECTORY: settled.directory,
    ENV_FILE: `${settled.directory}/${settled.envFile}`,
    LEAST_MEMORY: `${kibibytes(settled.least.memory)}`,
    LEAST_DISK: `${kibibytes(settled.least.disk)}`,
    PACKAGES: [...BASE, settled.docker.package, ...(settled.secret ? ['awscli'] : [])].join(' '),
    DOCKER_LEAST: settled.docker.least,
    COMPOSE_URL: settled.compose.url,
    COMPOSE_SHA256: settled.compose.sha256,
    EXPORTER_VERSION: settled.exporter.version,
    EXPORTER_URL: settled.exporter.url,
    EXPORTER_SHA256: settled.exporter.sha256,
    DATA_DEVICE: settled.dataDevice ?? '',
    SECRET_ID: settled.secret?.id ?? '',
    REGION: settled.secret?.region ?? '',
    DOORS: doors(settled.firewall)
      .map(({ port, from }) => [port, ...from.toSorted()].join(' '))
      .join('\n'),
  };
}

/** The text of a part, without the comments that explain it: user data are small. Directives for shellcheck stay. */
export function part(name: string): string {
  const text = readFileSync(new URL(`scripts/${name}.sh`, import.meta.url), 'utf8');
  return text.replaceAll(/^ *#(?! *shellcheck|!| (?:BEGIN|END) platform-host).*\n/gm, '');
}

/**
 * The script, for `/bin/sh` as root on Ubuntu 22.04 or a later Debian. Run again it changes nothing; run with other
 * settings it changes what they change. It ends with 1 and a reason where the host will not do.
 *
 * @throws InputRefused where the settings will not do
 */
export function hostScript(settings: HostSettings): string {
  const lines = Object.entries(values(settle(settings))).map(([name, value]) => `${name}=${quoted(value)}`);
  // In braces: a shell that is fed over a line which breaks has run nothing of it, and no program reads the rest away.
  return ['#!/bin/sh', 'set -eu', ...lines, '{', `${PARTS.map(part).join('')}} </dev/null`, ''].join('\n');
}
