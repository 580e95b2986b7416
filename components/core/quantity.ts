/**
 * Units: types for those who write TypeScript, parsers for what comes out of YAML. Every parser throws a message that
 * says how the value should have been written.
 */

/** A span of time: `90s`, `15m`, `6h`, `30d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** Memory or storage in binary units, as Kubernetes writes it: `384Mi`, `1Gi`. */
export type Bytes = `${number}${'Ki' | 'Mi' | 'Gi' | 'Ti'}`;

/** Processor time as Kubernetes writes it: `200m` (milli-cores) or `2` (cores). */
export type Cpu = `${number}m` | `${number}`;

const DURATION = /^(\d+)(ms|s|m|h|d)$/;
const BYTES = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti)$/;
const CPU = /^(\d+)m$|^(\d+(?:\.\d{1,3})?)$/;

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BINARY = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;

/** How each unit is written, for messages and for the configuration's reference. */
export const WRITTEN = {
  duration: 'a duration like "500ms", "90s", "15m", "6h" or "30d"',
  bytes: 'a size like "384Mi" or "1Gi"',
  cpu: 'processor time like "200m" or "2"',
} as const;

export const isDuration = (text: string): text is Duration => DURATION.test(text);
export const isBytes = (text: string): text is Bytes => BYTES.test(text);
export const isCpu = (text: string): text is Cpu => CPU.test(text);

/** @throws when the text is not a duration */
export function milliseconds(text: Duration): number {
  const hit = DURATION.exec(text);
  if (!hit) throw new Error(`"${text}" is not ${WRITTEN.duration}`);
  return Number(hit[1]) * MILLISECONDS[hit[2] as keyof typeof MILLISECONDS];
}

/** Whole seconds, rounded up: a deadline is never shortened by its unit. */
export const seconds = (text: Duration): number => Math.ceil(milliseconds(text) / 1000);

/** @throws when the text is not a size */
export function bytes(text: Bytes): number {
  const hit = BYTES.exec(text);
  if (!hit) throw new Error(`"${text}" is not ${WRITTEN.bytes}`);
  return Math.round(Number(hit[1]) * BINARY[hit[2] as keyof typeof BINARY]);
}

/** Thousandths of a core. @throws when the text is not processor time */
export function milliCpu(text: Cpu): number {
  const hit = CPU.exec(text);
  if (!hit) throw new Error(`"${text}" is not ${WRITTEN.cpu}`);
  return hit[1] === undefined ? Math.round(Number(hit[2]) * 1000) : Number(hit[1]);
}

/** Whole mebibytes, rounded down: what PostgreSQL and Redis are told never exceeds what the pod has. */
export const mebibytes = (text: Bytes): number => Math.floor(bytes(text) / BINARY.Mi);
