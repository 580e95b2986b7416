/** Who may import whom. The arrows of the design, as a function of two file names. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** The layer of a file: the longest of these folders that holds it. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'components/core': [],
  'components/gates': ['components/core'],
  components: ['components/core', 'components/gates'],
  'infra/sandbox/enforcer': [],
  'infra/sandbox': ['components/gates', 'infra/sandbox/enforcer'],
  // Nothing rests on a verb, so it may use what a component offers to operators.
  'infra/sandbox/verbs': ['components/gates', 'components', 'infra/sandbox'],
  infra: ['components/core', 'components/gates'],
  stacks: ['components/core', 'components/gates', 'components', 'infra'],
  policy: ['components/core'],
  test: [
    'components/core',
    'components/gates',
    'components',
    'infra',
    'infra/sandbox',
    'infra/sandbox/enforcer',
    'infra/sandbox/verbs',
    'stacks',
    'policy',
  ],
};

const LAYERS = Object.keys(MAY_IMPORT).toSorted((a, b) => b.length - a.length);

const layerOf = (file: string): string | undefined => LAYERS.find((layer) => file.startsWith(`${layer}/`));

/** The folder that has an `index.ts` as its only door: `components/redis`, `components/core`. */
const roomOf = (file: string): string | undefined => /^components\/[^/]+(?=\/)/.exec(file)?.[0];

/** What is wrong with one import, if anything. */
function violation({ from, to }: Edge): string | undefined {
  const [a, b] = [layerOf(from), layerOf(to)];
  if (a === undefined || b === undefined) return `${from} -> ${to}: no layer owns ${a === undefined ? from : to}`;
  if (a !== b && !MAY_IMPORT[a]!.includes(b)) return `${from} -> ${to}: ${a} may not import ${b}`;
  const room = roomOf(to);
  if (room !== undefined && room !== roomOf(from) && a !== 'test' && to !== `${room}/index.ts`) {
    return `${from} -> ${to}: ${room} is entered through its index.ts`;
  }
  return undefined;
}

export const violations = (edges: readonly Edge[]): string[] =>
  edges.map(violation).filter((found) => found !== undefined);

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]\s*\)|(?:^|\n)import\s+['"](\.[^'"]+)['"]/g;

/** The imports of our own files that a file makes, resolved against its folder. */
export function edgesOf(file: string, text: string): Edge[] {
  return [...text.matchAll(IMPORT)]
    .map((hit) => (hit[1] ?? hit[2] ?? hit[3])!)
    .filter((target) => target.endsWith('.ts'))
    .map((target) => ({ from: file, to: normalize(join(dirname(file), target)) }));
}

export const edgesIn = (root: string, files: readonly string[]): Edge[] =>
  files.flatMap((file) => edgesOf(file, readFileSync(join(root, file), 'utf8')));
