/** How releases go, unless it is said otherwise; and what cannot be meant. */
import { isAbsolute } from 'node:path';
import { isDuration, milliseconds, shown, WRITTEN, type Duration, type Problems } from '../core/index.ts';
import { RULES, type Rules as AnalysisRules } from './runner/analysis.ts';
import type { Approvals } from './host.ts';
import type { Place } from './report/index.ts';
import type { Probe, Rules } from './runner/record.ts';
import type { Prometheus } from './runner/prometheus.ts';

/** How long the parts of a release take. All ours (GAP-10); what is shorter finds less, what is longer finds it with more traffic. */
export interface Timing {
  /** How long pods may take to become ready. */
  readonly ready: Duration;
  /** How long the new side is judged before it gets traffic. */
  readonly candidate: Duration;
  /** How long it is judged with all of the traffic before it counts as live. */
  readonly soak: Duration;
  /** How long the replaced side goes on at its size: until then, going back takes seconds. Costs as many pods again. */
  readonly keepFor: Duration;
  /** What a release may take in all; undoing it comes on top. D-DEP-7: less than 10 minutes. */
  readonly deadline: Duration;
}

export const TIMING: Timing = {
  ready: '2m',
  candidate: '20s',
  soak: '30s',
  keepFor: '10m',
  deadline: '9m',
};

/** What is asked of each pod while it is judged. */
export interface Asked {
  readonly port: number;
  /** @default ['/health'] */
  readonly paths?: readonly string[];
  /** A path that answers 2xx exactly while the database can be reached. Left out, that gate is off (A-RB-4). */
  readonly database?: string;
  /** Where the metrics of the analysis are read; needs an edge of the runner's, and one to the cluster's DNS. */
  readonly prometheus?: Prometheus;
  /** @default 200ms */
  readonly interval?: Duration;
  /** @default 2s */
  readonly timeout?: Duration;
}

/** How often a container may end before its version counts as one that does not start: a database may be late (ours). */
const CRASHES = 3;

/** The rules as they travel in an order. */
export function rulesOf(asked: Asked, timing: Partial<Timing> = {}, analysis: Partial<AnalysisRules> = {}): Rules {
  const times = { ...TIMING, ...timing };
  const probe: Probe = {
    port: asked.port,
    paths: asked.paths ?? ['/health'],
    ...(asked.database !== undefined && { database: asked.database }),
    ...(asked.prometheus !== undefined && { prometheus: asked.prometheus }),
    interval: milliseconds(asked.interval ?? '200ms'),
    timeout: milliseconds(asked.timeout ?? '2s'),
  };
  const ms = Object.fromEntries(Object.entries(times).map(([key, value]) => [key, milliseconds(value)]));
  return {
    ...(ms as Record<keyof Timing, number>),
    crashes: CRASHES,
    probe,
    analysis: { ...RULES, ...analysis, ...(asked.database === undefined && { database: null }) },
  };
}

/** Notes what no release could go by. */
export function checkSettings(
  asked: Asked,
  timing: Partial<Timing>,
  { metrics }: Partial<AnalysisRules>,
  problems: Problems,
): void {
  const { prometheus } = asked;
  problems.require(prometheus !== undefined || (metrics?.each.length ?? 0) === 0, {
    where: 'asked.prometheus',
    found: 'none',
    wanted: `where Prometheus answers, since analysis.metrics asks it for ${shown(metrics?.each.map(({ name }) => name))}`,
  });
  const address = prometheus && URL.parse(prometheus.url);
  // It stands in plans, in the state and in the record, where everybody reads it; so it is not repeated here either.
  const isHttp = /^https?:$/.test(address?.protocol ?? '');
  const isNamed = isHttp ? `${address?.username}${address?.password}` !== '' : prometheus?.url.includes('@') === true;
  problems.require(!isNamed, {
    where: 'asked.prometheus.url',
    found: 'an address with a user or a password in it',
    wanted: 'one without, like "http://prometheus.monitoring:9090": it is written down in plain text',
    remedy: 'let a network edge of the runner decide who may ask',
  });
  problems.require(isNamed || address === undefined || isHttp, {
    where: 'asked.prometheus.url',
    found: shown(prometheus?.url),
    wanted: 'an address like "http://prometheus.monitoring:9090"',
  });
  for (const [key, value] of Object.entries(timing)) {
    problems.require(isDuration(value), { where: `timing.${key}`, found: shown(value), wanted: WRITTEN.duration });
  }
  const port = Number.isInteger(asked.port) && asked.port >= 1 && asked.port <= 65_535;
  problems.require(port, { where: 'asked.port', found: shown(asked.port), wanted: 'a port from 1 to 65535' });
  const paths = [...(asked.paths ?? []), ...(asked.database === undefined ? [] : [asked.database])];
  for (const path of paths) {
    const good = /^\/[\x21-\x7e]*$/.test(path);
    problems.require(good, { where: 'asked.paths', found: shown(path), wanted: 'a path that begins with "/"' });
  }
  problems.require(asked.paths?.length !== 0, {
    where: 'asked.paths',
    found: 'none',
    wanted: 'at least one: a release that nobody asks is never judged good',
  });
}

/** They become parts of paths. */
const PART = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** Notes places of approvals and reports that are none, and roles that nobody could sign for. */
export function checkPlaces(
  { approvals, reports }: { readonly approvals?: Approvals | undefined; readonly reports?: Place | undefined },
  problems: Problems,
): void {
  for (const [where, place] of Object.entries({ approvals, reports })) {
    if (place === undefined) continue;
    const { folder, stack } = place;
    const inside = folder !== '' && !isAbsolute(folder) && !folder.split('/').includes('..');
    const wanted = 'a folder below the directory of Pulumi.yaml, like "approvals"';
    problems.require(inside, { where: `${where}.folder`, found: shown(folder), wanted });
    problems.require(PART.test(stack), {
      ...{ where: `${where}.stack`, found: shown(stack), wanted: 'lower-case letters, digits and inner hyphens' },
    });
  }
  const roles = approvals?.roles ?? [];
  roles.forEach((role, index) => {
    problems.require(PART.test(role) && roles.indexOf(role) === index, {
      ...{ where: `approvals.roles[${index}]`, found: shown(role) },
      wanted: 'lower-case letters, digits and inner hyphens, each role once',
    });
  });
}
