/** A container as the Docker API is told to make it: what `container` tells the provider, in the API's own words. */
import { bytes, milliCpu, milliseconds, patienceOf, seconds } from '../core/index.ts';
import type { ContainerArgs } from '../container/index.ts';
import type { ContainerBody } from './order.ts';

/** Nanoseconds, in which the API counts durations. */
const NANO = 1_000_000;

const sorted = <T>(record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** What is known on this host alone, by the time the body is made. */
export interface Known {
  readonly settings: Readonly<Record<string, string>>;
  /** The first of the networks. */
  readonly network: string;
  readonly volumes: Readonly<Record<string, { readonly volume: string; readonly readOnly?: boolean }>>;
  readonly labels: Readonly<Record<string, string>>;
}

export function containerBody(args: Omit<ContainerArgs, 'host' | 'networks'>, known: Known): ContainerBody {
  const { facts, capabilities = [], restart = 'unless-stopped' } = args;
  const user = args.user ?? `${facts.image.uid}:${facts.image.uid}`;
  const { maxSize, maxFiles } = args.logs ?? { maxSize: '10Mi', maxFiles: 3 };
  const health = facts.health && patienceOf(facts.health);
  return {
    Image: facts.image.reference,
    ...(facts.entrypoint && { Entrypoint: facts.entrypoint }),
    ...(facts.command && { Cmd: facts.command }),
    ...(user !== 'image' && { User: user }),
    Env: sorted({ ...facts.settings, ...known.settings }).map(([variable, value]) => `${variable}=${value}`),
    Labels: known.labels,
    StopTimeout: seconds(facts.stopGrace ?? '30s'),
    Healthcheck:
      health && facts.health
        ? {
            Test: ['CMD', ...facts.health.command],
            Interval: milliseconds(health.interval) * NANO,
            Timeout: milliseconds(health.timeout) * NANO,
            StartPeriod: milliseconds(health.startPeriod) * NANO,
            Retries: health.retries,
          }
        : { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: known.network,
      RestartPolicy: { Name: restart },
      Memory: bytes(facts.memory),
      // As much as memory: none of it is swap.
      MemorySwap: bytes(facts.memory),
      NanoCpus: milliCpu(facts.cpu.limit) * NANO,
      ReadonlyRootfs: args.readOnlyRoot ?? Object.keys(args.files ?? {}).length === 0,
      CapDrop: ['ALL'],
      CapAdd: capabilities.map((one) => `CAP_${one}`).toSorted(),
      SecurityOpt: ['no-new-privileges'],
      Tmpfs: Object.fromEntries(
        sorted(facts.scratch ?? {}).map(([path, size]) => [path, `size=${bytes(size)},mode=1777`]),
      ),
      Sysctls: { ...args.sysctls },
      Binds: sorted(known.volumes).map(([path, { volume, readOnly }]) => `${volume}:${path}:${readOnly ? 'ro' : 'rw'}`),
      LogConfig: { Type: 'json-file', Config: { 'max-size': `${bytes(maxSize)}`, 'max-file': `${maxFiles}` } },
    },
  };
}
