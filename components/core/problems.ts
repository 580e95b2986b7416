/**
 * How this project says that something is wrong with what it was given: where, what was found, what was wanted, what to
 * do. Problems are collected and reported together, so that nobody mends a file one error at a time.
 */

/** One thing wrong with one input. */
export interface Problem {
  /** Where it stands: a path into the configuration (`api.replicas`) or an argument (`PostgresArgs.memory`). */
  readonly where: string;
  /** What was found there, already safe to print: a secret is described, never shown. */
  readonly found: string;
  /** What would have been accepted. */
  readonly wanted: string;
  /** What to do about it, when `wanted` does not say it already. */
  readonly remedy?: string;
}

/** Renders one problem on one line. */
export function explain({ where, found, wanted, remedy }: Problem): string {
  return `${where}: found ${found}; wanted ${wanted}${remedy ? `; ${remedy}` : ''}`;
}

/** Input that was refused. Its message is complete: it needs no stack trace to be acted upon. */
export class InputRefused extends Error {
  readonly problems: readonly Problem[];

  /**
   * @param spared what has not happened, as the end of the message's first line: with the whole configuration refused nothing
   *   at all, with one part that part
   * @default 'nothing of it was made'
   */
  constructor(source: string, problems: readonly Problem[], spared = 'nothing of it was made') {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super(`${source} has ${count}; ${spared}.\n${problems.map((p) => `  ${explain(p)}`).join('\n')}`);
    this.name = 'InputRefused';
    this.problems = problems;
  }
}

/** Collects problems until all checks have run. */
export class Problems {
  readonly found: Problem[] = [];

  add(problem: Problem): void {
    this.found.push(problem);
  }

  /** Notes the problem unless the condition holds. */
  require(holds: boolean, problem: Problem): void {
    if (!holds) this.add(problem);
  }

  /** Throws {@link InputRefused} if anything was noted, with the problems in the order of their places. */
  throwIfAny(source: string, spared?: string): void {
    if (this.found.length === 0) return;
    throw new InputRefused(
      source,
      this.found.toSorted((a, b) => (a.where < b.where ? -1 : a.where > b.where ? 1 : 0)),
      spared,
    );
  }
}

const MOST_CHARACTERS = 80;

/** A value as an error message shows it: JSON, cut to a length that keeps the line readable. */
export function shown(value: unknown): string {
  // JSON has no word for a value that is not there, nor for a function: neither comes out of a file.
  const text = (JSON.stringify(value) as string | undefined) ?? 'nothing';
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}

/** The known name nearest to a mistyped one, if any is near enough to be worth naming. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const reach = Math.max(2, Math.floor(name.length / 3));
  return known
    .map((candidate) => ({ candidate, distance: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter((entry) => entry.distance <= reach)
    .toSorted((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))[0]?.candidate;
}

/** Levenshtein distance: how many letters have to be put in, left out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

/** Closes a `switch` over a union: adding a kind breaks the build here, not production. */
export function unreachable(value: never): never {
  throw new Error(`a kind that no branch handles: ${shown(value)}`);
}
