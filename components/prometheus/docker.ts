/**
 * Prometheus as one container (A-MON-1..5, E-TOPO-3). Services of a Docker host have fixed names, so whom it asks is a list
 * (A-MON-2..4).
 */
import type * as pulumi from '@pulumi/pulumi';
import type { Contained } from '../container/index.ts';
import { canonical, seconds, type Bytes, type Duration, type ServiceFacts } from '../core/index.ts';
import { CONFIGURATION_FILE, FOLDERS, HEALTH, PORT, serverArguments } from './facts.ts';

export { PORT as PROMETHEUS_PORT } from './facts.ts';

/** One service that tells figures. */
export interface Target {
  /** The label `job` of its series. */
  readonly job: string;
  /** `name:port`, as it is found in the network. */
  readonly address: string;
  /** @default '/metrics' */
  readonly path?: string;
  /** What it wants to be shown. It stands in a file of its own. */
  readonly token?: pulumi.Output<string>;
}

export interface PrometheusService extends Pick<ServiceFacts, 'name' | 'image' | 'cpu' | 'memory'> {
  readonly targets: readonly Target[];
  /** `name:port` of each Alertmanager. A-MON-5 has none, E-TOPO-3 one. */
  readonly alertmanagers: readonly string[];
  /** From one question to the next, and from one look at the rules to the next (A-MON-1: 15s). */
  readonly every: Duration;
  readonly keepFor: Duration;
  readonly space: Bytes;
  /** Labels on everything it tells others (A-MON-1). */
  readonly labels: Readonly<Record<string, string>>;
}

/** An answer may take as long as Prometheus gives it anyway, but not longer than to the next question. */
const asked = (every: Duration) => ({ scrape_interval: every, scrape_timeout: seconds(every) < 10 ? every : '10s' });

const tokenFile = (job: string): string => `${FOLDERS.configuration}/tokens/${job}`;

/** prometheus.yml, whole. JSON is YAML too, and nothing in it has to be escaped by hand. */
export const configuration = ({ targets, alertmanagers, every, labels }: PrometheusService): string =>
  canonical({
    global: { ...asked(every), evaluation_interval: every, external_labels: labels },
    alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] },
    scrape_configs: targets.map(({ job, address, path = '/metrics', token }) => ({
      job_name: job,
      metrics_path: path,
      static_configs: [{ targets: [address] }],
      ...(token && { authorization: { credentials_file: tokenFile(job) } }),
    })),
  });

export function prometheusContainer(args: PrometheusService): Contained {
  const { name, image, cpu, memory, targets, keepFor, space } = args;
  const tokens = targets.flatMap(({ job, token }) =>
    token === undefined ? [] : [[tokenFile(job), { content: token, secret: true }] as const],
  );
  return {
    facts: {
      ...{ name, image, cpu, memory, command: serverArguments(keepFor, space) },
      ports: { http: PORT },
      health: { command: ['wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${PORT}${HEALTH.ready}`] },
    },
    data: FOLDERS.data,
    files: { [CONFIGURATION_FILE]: { content: configuration(args) }, ...Object.fromEntries(tokens) },
  };
}
