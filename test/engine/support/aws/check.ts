/** The inputs of AWS resources, held against what their kinds take. */
import { readFileSync } from 'node:fs';
import { UNKNOWN, type PlannedResource } from '../planned.ts';
import { TABLE, type Fields, type Table } from './table.ts';

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => value !== null && typeof value === 'object' && !Array.isArray(value);

/** Not in a plan yet, or not shown in it. */
const isHidden = (value: unknown): boolean => value === UNKNOWN || value === '[secret]';

export const readTable = (): Table => JSON.parse(readFileSync(TABLE, 'utf8')) as Table;

/** The name of the list that is nearest to a word: as few letters as possible apart. */
function nearest(word: string, list: readonly string[]): string | undefined {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (const [i, letter] of [...a].entries()) {
      const next = [i + 1];
      for (const [j, other] of [...b].entries()) {
        next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === other ? 0 : 1)));
      }
      row = next;
    }
    return row.at(-1)!;
  };
  return list.toSorted((a, b) => distance(word, a) - distance(word, b))[0];
}

/** What is wrong with a resource of AWS, a line each. Nothing about resources of others. */
export function problemsOf(
  { type, name, inputs }: Pick<PlannedResource, 'type' | 'name' | 'inputs'>,
  table: Table,
): string[] {
  if (!type.startsWith('aws:')) return [];
  const kind = table.kinds[type];
  if (kind === undefined) return [`${name}: ${type} is not in the table: node test/engine/support/aws/table.ts`];

  const values = (type: string, value: unknown, path: string): string[] => {
    if (isHidden(value) || value === null || value === undefined || type === '*') return [];
    if (type.startsWith('#')) {
      return isTree(value)
        ? fields(table.blocks[type.slice(1)]!, value, `${path}.`)
        : [`${path}: found ${typeof value}; wanted a block`];
    }
    const inner = type.slice(1, -1);
    if (type.startsWith('[')) {
      if (!Array.isArray(value)) return [`${path}: found ${typeof value}; wanted a list`];
      return value.flatMap((one, index) => values(inner, one, `${path}[${index}]`));
    }
    if (type.startsWith('{')) {
      if (!isTree(value)) return [`${path}: found ${typeof value}; wanted a map`];
      return Object.entries(value).flatMap(([key, one]) => values(inner, one, `${path}.${key}`));
    }
    if (!type.startsWith('=')) return typeof value === type ? [] : [`${path}: found ${typeof value}; wanted a ${type}`];
    const allowed = table.enums[type.slice(1)]!;
    if (typeof value === 'string' && allowed.includes(value)) return [];
    return [`${path}: found ${JSON.stringify(value)}; wanted one of ${allowed.slice(0, 12).join(', ')}`];
  };
  const fields = (known: Fields, given: Tree, prefix: string): string[] => [
    ...Object.keys(known)
      .filter((key) => known[key]!.startsWith('!') && (given[key] === undefined || given[key] === null))
      .map((key) => `${prefix}${key}: found nothing; it is required`),
    ...Object.entries(given).flatMap(([key, value]) => {
      const type = known[key]?.replace(/^!/, '');
      if (type !== undefined) return values(type, value, `${prefix}${key}`);
      if (key.startsWith('__')) return [];
      return [`${prefix}${key}: there is no such field; the nearest is ${nearest(key, Object.keys(known))!}`];
    }),
  ];
  return fields(kind, inputs, '').map((problem) => `${type} ${name}: ${problem}`);
}
