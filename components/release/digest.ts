/**
 * The digest of a release: one text for everything that a pod runs, the same on every machine, whatever the order of keys.
 * It is computed last, over the whole template as it will be applied; what comes in afterwards is no part of the release.
 *
 * All 64 digits of it: people sign this text, and a shortened one could be met on purpose by another template.
 */
import { createHash } from 'node:crypto';
import { canonical } from '../core/index.ts';

/** The annotation of a pod template that carries the digest, and that is the only thing the digest leaves out. */
export const RELEASE = 'platform/release';

/** A pod template, or anything else that has its annotations at the same place. All of it plain values. */
export interface Released {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>>; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/**
 * @throws when a value in it is not plain. An output of the engine above all would give every release the same digest, and a
 * number that JSON does not know would be one with `null`.
 */
export function releaseDigest(template: Released): string {
  const { annotations: { [RELEASE]: _own, ...annotations } = {}, ...metadata } = template.metadata ?? {};
  const whole = { ...template, metadata: { ...metadata, annotations } };
  refuseUnlessPlain(whole, 'template');
  return createHash('sha256').update(canonical(whole)).digest('hex');
}

/** The template with its digest on it. Doing it again changes nothing. */
export function withDigest<T extends Released>(template: T): T {
  const annotations = { ...template.metadata?.annotations, [RELEASE]: releaseDigest(template) };
  return { ...template, metadata: { ...template.metadata, annotations } };
}

/** Whether what stands there is what its digest was computed over. */
export const isIntact = (template: Released): boolean =>
  template.metadata?.annotations?.[RELEASE] === releaseDigest(template);

function refuseUnlessPlain(value: unknown, where: string): void {
  if (value === null || ['undefined', 'string', 'boolean'].includes(typeof value) || Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => refuseUnlessPlain(item, `${where}[${index}]`));
    return;
  }
  const parent: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (parent === Object.prototype || parent === null) {
    for (const [key, inner] of Object.entries(value as object)) refuseUnlessPlain(inner, `${where}.${key}`);
    return;
  }
  const found = typeof value === 'object' ? `a ${value.constructor.name}` : `a ${typeof value}`;
  throw new Error(`${where}: found ${found}; wanted plain values, as they will be sent to the cluster; await it first`);
}
