/** The forms under which a secret could stand somewhere, and the search for them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed, run } from '../../../infra/sandbox/host/run.ts';

/** Shorter values would be found everywhere by chance. No secret of the platform is shorter. */
const SHORTEST = 8;

/**
 * What base64 makes of a text that begins at each of the three places of a group. The letters at both ends also depend
 * on the neighbours, so they are left out.
 */
function base64At(text: string, offset: 0 | 1 | 2): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
  const whole = bytes.toString('base64').replace(/=+$/, '');
  const first = [0, 2, 3][offset]!;
  const last = bytes.length % 3 === 0 ? whole.length : whole.length - 1;
  return whole.slice(first, last);
}

/** Every form of one secret: raw, base64 at its three offsets (plain and URL-safe), URL-escaped, JSON-escaped. */
export function needles(secret: string): string[] {
  if (secret.length < SHORTEST || secret.includes('\n')) {
    throw new Error(
      `a secret of ${secret.length} characters on ${secret.split('\n').length} lines cannot be searched for`,
    );
  }
  const encoded = ([0, 1, 2] as const).map((offset) => base64At(secret, offset));
  return [
    ...new Set([
      secret,
      ...encoded,
      ...encoded.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
    ]),
  ];
}

/** Files below the places, or among them, that hold any of the secrets. Binary files are read like any other. */
export async function filesHolding(secrets: readonly string[], places: readonly string[]): Promise<string[]> {
  const own = mkdtempSync(join(tmpdir(), 'needles-'));
  const patterns = join(own, 'patterns');
  writeFileSync(patterns, `${secrets.flatMap(needles).join('\n')}\n`, { mode: 0o600 });
  try {
    // In words that are read below.
    const search = ['env', 'LC_ALL=C', 'grep'];
    const found = await run([
      ...search,
      '--recursive',
      '--files-with-matches',
      '--text',
      '--fixed-strings',
      '--devices=skip',
      `--file=${patterns}`,
      '--',
      ...places,
    ]);
    return found.split('\n').filter(Boolean).toSorted();
  } catch (error) {
    // grep's own way to say that nothing was found; anything else is a failure of the search.
    if (error instanceof CommandFailed && error.code === 1) return [];
    if (error instanceof CommandFailed && error.code === 2) return despiteVanished(error);
    throw error;
  } finally {
    rmSync(own, { recursive: true });
  }
}

/** What was found where files went while they were looked for: nothing else may have gone wrong. */
function despiteVanished(error: CommandFailed): string[] {
  const lines = error.output.split('\n').filter(Boolean);
  const [said, found] = [
    lines.filter((line) => line.startsWith('grep: ')),
    lines.filter((line) => line.startsWith('/')),
  ];
  const others = said.filter((line) => !/^grep: .*: No such (file or directory|device or address)$/.test(line));
  if (said.length === 0 || others.length > 0 || said.length + found.length !== lines.length) throw error;
  return found.toSorted();
}

/** The same for a text that is not in a file: which of the secrets stand in it, by their place in the list. */
export const held = (secrets: readonly string[], text: string): number[] =>
  secrets.flatMap((secret, index) => (needles(secret).some((needle) => text.includes(needle)) ? [index] : []));
