/** The kinds of values a setting may have. Each says in words what it accepts: error messages and the reference use them. */
import { isIPv4 } from 'node:net';
import {
  bytes,
  CIDR_WANTED,
  isBytes,
  isCidr,
  isCpu,
  isDuration,
  milliCpu,
  milliseconds,
  type Bytes,
  type Cpu,
  type Duration,
} from '../../components/core/index.ts';
import { isNarrow, NARROW } from '../../infra/narrow.ts';

/** A test and what passes it. */
export interface Kind<T> {
  readonly wanted: string;
  readonly accepts: (value: unknown) => value is T;
}

const kind = <T>(wanted: string, accepts: (value: unknown) => boolean): Kind<T> => ({
  wanted,
  accepts: (value): value is T => accepts(value),
});

/** Text that matches a pattern. `[\s\S]` is never meant: control characters are refused by every pattern here. */
export const text = (pattern: RegExp, wanted: string): Kind<string> =>
  kind(wanted, (value) => typeof value === 'string' && pattern.test(value));

export const choice = <const T extends string | number>(...options: readonly T[]): Kind<T> =>
  kind(`one of ${options.join(', ')}`, (value) => (options as readonly unknown[]).includes(value));

export const flag: Kind<boolean> = kind('true or false', (value) => typeof value === 'boolean');

/** A whole number within limits, both included. */
export const whole = (least: number, most: number): Kind<number> =>
  kind(`a whole number from ${least} to ${most}`, (value) => Number.isInteger(value) && within(value, least, most));

/** Any number within limits, both included. */
export const decimal = (least: number, most: number): Kind<number> =>
  kind(`a number from ${least} to ${most}`, (value) => within(value, least, most));

export const size = (least: Bytes, most: Bytes): Kind<Bytes> =>
  kind(
    `a size from "${least}" to "${most}", in Mi, Gi or Ti`,
    (value) => typeof value === 'string' && isBytes(value) && within(bytes(value), bytes(least), bytes(most)),
  );

export const cpu = (least: Cpu, most: Cpu): Kind<Cpu> =>
  kind(
    `processor time from "${least}" to "${most}", like "200m" or "2"`,
    (value) => typeof value === 'string' && isCpu(value) && within(milliCpu(value), milliCpu(least), milliCpu(most)),
  );

export const duration = (least: Duration, most: Duration): Kind<Duration> =>
  kind(
    `a duration from "${least}" to "${most}", like "500ms", "90s" or "15m"`,
    (value) =>
      typeof value === 'string' &&
      isDuration(value) &&
      within(milliseconds(value), milliseconds(least), milliseconds(most)),
  );

export const port: Kind<number> = whole(1, 65535);

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';

export const dnsLabel = text(
  new RegExp(`^${LABEL}$`),
  'a DNS label: up to 63 of a-z, 0-9 and inner hyphens, like "corporate-intel"',
);

const HOST_NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`);

/** What ends in a number is an address to whoever reads it (WHATWG URL, "ends in a number"): so it has to be one. */
export const hostName: Kind<string> = kind(
  'a host name or an IPv4 address, like "staging-api.corporate-intel.example.com"',
  (value) => typeof value === 'string' && HOST_NAME.test(value) && (!/(^|\.)\d+$/.test(value) || isIPv4(value)),
);

export const ipv4: Kind<string> = kind('an IPv4 address', (value) => typeof value === 'string' && isIPv4(value));

/** S3's own rules, without the dots that break certificates. */
export const bucketName = text(
  /^(?!xn--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
  'a bucket name: 3 to 63 of a-z, 0-9 and inner hyphens, like "staging-documents"',
);

/** An identifier that PostgreSQL takes unquoted. */
export const sqlName = text(
  /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/,
  'a PostgreSQL name: up to 63 of a-z, 0-9 and underscores, not beginning with a digit or "pg_"',
);

export const version = text(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, 'a version like "1.0.0"');

export const line = text(/^[\x20-\x7e]{1,200}$/, 'one line of 1 to 200 printable characters');

export const accessKey = text(
  /^[A-Za-z0-9_-]{3,128}$/,
  'an access key: 3 to 128 letters, digits, hyphens and underscores',
);

/** `host[:port]/path` or a bare name; the tag is the version's. */
export const imageRepository = text(
  /^[a-z0-9]+([._-][a-z0-9]+)*(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
  'an image without its tag, like "registry.example.com/corporate-intel-api"',
);

export const origin = text(
  /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/,
  'an origin: scheme, host and port only, like "https://staging.corporate-intel.example.com"',
);

export const url = text(
  /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?(\/[\x21-\x7e]*)?$/,
  'an http or https address, like "http://jaeger:4317"',
);

/** Where a Docker host is reached. */
export const dockerHost = text(
  /^(unix:\/\/\/[^\s?#]+|ssh:\/\/[a-z_][a-z0-9_-]*@[A-Za-z0-9.-]+(:\d{1,5})?)$/,
  'a Docker host like "unix:///var/run/docker.sock" or "ssh://deploy@203.0.113.10"',
);

export const absolutePath = text(/^\/[\x21-\x7e]*$/, 'an absolute path');

export const cidr: Kind<string> = kind(CIDR_WANTED, (value) => typeof value === 'string' && isCidr(value));

/**
 * Who may come in where not everybody may.
 *
 * @param least of them; with 0, nobody may be stated
 */
export const narrowCidrs = (least: 0 | 1): Kind<readonly string[]> =>
  kind(
    `a list${least === 0 ? '' : ', not empty'}, each ${NARROW}, none twice`,
    (value) =>
      Array.isArray(value) &&
      value.length >= least &&
      value.every((each) => typeof each === 'string' && isNarrow(each)) &&
      new Set(value).size === value.length,
  );

/** Labels of pods, as a selector has them. */
export const labels: Kind<Readonly<Record<string, string>>> = kind(
  'labels: names, each with a value in quotes, at least one',
  (value) =>
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(
      ([key, entry]) =>
        /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(key) &&
        typeof entry === 'string' &&
        /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/.test(entry),
    ),
);

/** Who signs, as files are named after it. */
export const roles: Kind<readonly string[]> = kind(
  'a list of roles, each in lower-case letters, digits and inner hyphens, none twice',
  (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((role) => typeof role === 'string' && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(role)) &&
    new Set(value).size === value.length,
);

/** Shares of the traffic, rising to all of it. */
export const weights: Kind<readonly number[]> = kind(
  'whole percents, each more than the one before, the last 100',
  (value) =>
    Array.isArray(value) &&
    value.at(-1) === 100 &&
    value.every((each, index) => Number.isInteger(each) && each > ((value as number[])[index - 1] ?? 0)),
);

/** What a test switches on in the reference API. Only names that no setting has. */
export const faults: Kind<Readonly<Record<string, string>>> = kind(
  'names that begin with FAULT_, each with a text in quotes',
  (value) =>
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.entries(value).every(([key, entry]) => /^FAULT_[A-Z0-9_]+$/.test(key) && typeof entry === 'string'),
);

function within(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}
