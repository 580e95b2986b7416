/**
 * The inputs of the docker provider, written as it reads them back: durations as Go prints them, sizes in whole mebibytes,
 * ports in their order. What is not written so is "changed" in every plan (docs/decisions/docker.md).
 */
import {
  bytes,
  milliCpu,
  milliseconds,
  patienceOf,
  type Bytes,
  type Cpu,
  type Duration,
  type HealthFacts,
} from '../core/index.ts';
import type { Bind, Published } from './args.ts';

/** A duration as Go prints it: `1m30s`, `500ms`, `2h0m0s`. */
export function goDuration(text: Duration): string {
  const all = milliseconds(text);
  if (all === 0) return '0s';
  if (all < 1000) return `${all}ms`;
  const [hours, minutes, rest] = [Math.floor(all / 3_600_000), Math.floor(all / 60_000) % 60, (all % 60_000) / 1000];
  return [hours ? `${hours}h` : '', hours || minutes ? `${minutes}m` : '', `${rest}s`].join('');
}

/** Whole mebibytes, as the daemon counts limits. */
export const mebi = (size: Bytes): number => Math.floor(bytes(size) / 2 ** 20);

/** Cores as a decimal with one digit at least and none that is needless: `0.25`, `2.0`. */
export function cores(cpu: Cpu): string {
  const all = milliCpu(cpu) / 1000;
  return Number.isInteger(all) ? all.toFixed(1) : `${all}`;
}

/** Labels, settings, whatever is a set to the provider, in one order whatever theirs was. */
export const sorted = <T>(record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));

export function healthcheck(health: HealthFacts) {
  const { interval, timeout, retries, startPeriod } = patienceOf(health);
  return {
    tests: ['CMD', ...health.command],
    interval: goDuration(interval),
    timeout: goDuration(timeout),
    startPeriod: goDuration(startPeriod),
    startInterval: '0s',
    retries,
  };
}

/** In the order in which the provider reads them back: by the container's port. */
export const ports = (published: readonly Published[], known: Readonly<Record<string, number>>) =>
  published
    .map(({ port, host, bind }) => ({ internal: known[port]!, external: host, ip: bind, protocol: 'tcp' }))
    .toSorted((a, b) => a.internal - b.internal);

/** To be read only, in the order of where they are in the container. */
export const mounts = (binds: readonly Bind[]) =>
  binds
    .map(({ folder, at, later = false }) => ({
      ...{ type: 'bind', source: folder, target: at, readOnly: true },
      bindOptions: { propagation: later ? 'rslave' : 'rprivate' },
    }))
    .toSorted((a, b) => (a.target < b.target ? -1 : 1));
