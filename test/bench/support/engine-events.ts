/** What an engine has begun, as its own event log says while it is at work. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Resources with which a phase before the release's order begins. */
export const BEGINS: Readonly<Record<string, RegExp>> = {
  prepare: /:ReleasePrepare::/,
  backup: /:Job::pre-release-backup-job$/,
  migration: /:Job::migrate-/,
};

interface Logged {
  readonly resourcePreEvent?: { readonly metadata: { readonly op: string; readonly urn: string } };
}

const isBegun = (line: string, what: RegExp): boolean => {
  try {
    const { op, urn } = (JSON.parse(line) as Logged).resourcePreEvent?.metadata ?? { op: 'same', urn: '' };
    // Of a replacement, the deletion before it is a part.
    return !['same', 'read', 'refresh'].includes(op) && what.test(urn);
  } catch {
    return false; // The last line may still be being written.
  }
};

/**
 * When an engine that was started after a moment has begun with such a resource.
 *
 * @param project the folder of the stack's project
 * @param from milliseconds since 1970
 */
export async function begun(project: string, from: number, what: RegExp, ms: number): Promise<void> {
  const folder = dirname(project);
  const end = Date.now() + ms;
  while (Date.now() < end) {
    const logs = readdirSync(folder).filter((name) => name.startsWith('events-'));
    const fresh = logs.map((name) => join(folder, name)).filter((file) => statSync(file).ctimeMs >= from);
    const lines = fresh.flatMap((file) => readFileSync(file, 'utf8').split('\n'));
    if (lines.some((line) => isBegun(line, what))) return;
    await sleep(15);
  }
  throw new Error(`the engine has not begun with ${what.source} within ${ms / 1000} s`);
}
