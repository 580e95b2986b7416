/**
 * prometheus.yml, whole: whom it asks, and what its series are called by. Pure.
 *
 * Pods are found by the cluster's DNS, under headless Services of the server's own: it needs no rights in the cluster, and a
 * Prometheus without discovery in Kubernetes (Debian's) does it too. A series carries `job`, `instance` (the pod's address
 * and port), and of a released workload `side`.
 */
import { canonical, dnsLabel, isDuration, milliseconds, shown, WRITTEN } from '../core/index.ts';
import type { Duration, Problems } from '../core/index.ts';
import { SIDE, SIDES } from '../release/index.ts';

/** Pods of one kind, and where they tell their figures. */
export interface Scraped {
  /** The label `job` of their series, and a part of their Service's name. */
  readonly name: string;
  /** What picks them, in the namespace of the server. */
  readonly pods: Readonly<Record<string, string>>;
  /** The port that they listen on. */
  readonly port: number;
  /** @default '/metrics' */
  readonly path?: string;
  /** Whether they are a released workload's, which has two sides. @default false */
  readonly sides?: boolean;
}

export interface ScrapeSettings {
  readonly namespace: string;
  readonly scraped: readonly Scraped[];
  /** From one question to the next. */
  readonly every: Duration;
}

/** A headless Service that pods are found under. */
export interface Found {
  readonly service: string;
  readonly pods: Readonly<Record<string, string>>;
  readonly port: number;
}

/** The cluster's own domain. Names end with a dot: without the resolver's search, an answer is one question. */
const DOMAIN = 'svc.cluster.local.';

/** @param server the name of the Prometheus, with which the names of its Services begin */
export const foundUnder = (server: string, { name, pods, port, sides = false }: Scraped): readonly Found[] =>
  sides
    ? SIDES.map((side) => ({ service: dnsLabel(server, name, side), pods: { ...pods, [SIDE]: side }, port }))
    : [{ service: dnsLabel(server, name), pods, port }];

/** JSON is YAML too, and nothing in it has to be escaped by hand. */
export const configuration = (server: string, { namespace, scraped, every }: ScrapeSettings): string =>
  canonical({
    global: { scrape_interval: every, scrape_timeout: every },
    scrape_configs: scraped.map((kind) => ({
      job_name: kind.name,
      metrics_path: kind.path ?? '/metrics',
      dns_sd_configs: [
        {
          names: foundUnder(server, kind).map(({ service }) => `${service}.${namespace}.${DOMAIN}`),
          ...{ type: 'A', port: kind.port, refresh_interval: every },
        },
      ],
      relabel_configs: kind.sides === true ? [SIDE_LABEL] : [],
    })),
  });

/** Which name an address was found under. What does not match keeps no such label. */
const SIDE_LABEL = {
  ...{ source_labels: ['__meta_dns_name'], regex: `[^.]+-(${SIDES.join('|')})[.].+` },
  ...{ target_label: 'side', replacement: '$1' },
};

/** Notes what Prometheus would not start with, and what would be asked of every pod of the namespace. */
export function checkScraped({ scraped, every }: Omit<ScrapeSettings, 'namespace'>, problems: Problems): void {
  problems.require(isDuration(every) && milliseconds(every) >= 1000, {
    ...{ where: 'every', found: shown(every), wanted: `${WRITTEN.duration}, at least "1s"` },
  });
  problems.require(scraped.length > 0, { where: 'scraped', found: 'none', wanted: 'at least one kind of pods' });
  scraped.forEach(({ name, pods, port, path = '/metrics' }, index) => {
    const where = `scraped[${index}]`;
    const isNew = scraped.findIndex((other) => other.name === name) === index;
    problems.require(isNew && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name), {
      ...{ where: `${where}.name`, found: shown(name), wanted: 'a DNS label that no other kind has' },
    });
    problems.require(Object.keys(pods).length > 0, {
      ...{ where: `${where}.pods`, found: '{}', wanted: 'at least one label' },
    });
    problems.require(Number.isInteger(port) && port >= 1 && port <= 65_535, {
      ...{ where: `${where}.port`, found: shown(port), wanted: 'a port from 1 to 65535' },
    });
    problems.require(/^\/[\x21-\x7e]*$/.test(path), {
      ...{ where: `${where}.path`, found: shown(path), wanted: 'a path that begins with "/"' },
    });
  });
}
