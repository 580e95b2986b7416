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
  // What a component is in a container loads nothing of Kubernetes, and so has a door of its own.
  const doors = [`${room}/index.ts`, `${room}/docker.ts`];
  if (room !== undefined && room !== roomOf(from) && a !== 'test' && !doors.includes(to)) {
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

/** Who may import a provider's package. Everybody else gets what they need from one of these. */
const MAY_LOAD: Record<string, readonly string[]> = {
  '@pulumi/aws': [
    ...['account', 'network', 'keys', 'logs', 'identity', 'storage', 'dns', 'registry', 'eks', 'ec2'].map(
      (folder) => `infra/${folder}`,
    ),
    'stacks/aws',
  ],
  '@pulumi/docker': ['infra/docker', 'components/container', 'components/image', 'components/rollover'],
};

const PACKAGE = /\b(?:from|import|import\()\s*['"]((?:@[^/'"]+\/)?[^./'"][^/'"]*)/g;
const FETCHED =
  /(?:^|\n)\s*(?:import|export)\b(?!\s+type\b)[^;'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)import\s+['"]([^'"]+)['"]/g;

/** What is wrong with the packages that a file names, be it for a type. */
export const strangers = (file: string, text: string): string[] =>
  [...new Set([...text.matchAll(PACKAGE)].map((hit) => hit[1]!))]
    .filter((name) => MAY_LOAD[name]?.some((at) => file.startsWith(`${at}/`) || file === `${at}.ts`) === false)
    .map((name) => `${file} imports ${name}: only ${MAY_LOAD[name]!.join(', ')} may`);

/**
 * The packages that Node has loaded once it has loaded `entry`: what is imported for its values, and what that imports.
 * What stands behind an `await import` is not loaded by it, nor is a type.
 *
 * @param read the text of one of our files
 */
export function loaded(entry: string, read: (file: string) => string): ReadonlyMap<string, string> {
  const packages = new Map<string, string>();
  const seen = new Set([entry]);
  for (const file of seen) {
    for (const hit of read(file).matchAll(FETCHED)) {
      const target = (hit[1] ?? hit[2])!;
      if (!target.startsWith('.')) {
        const name = target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/');
        if (!packages.has(name)) packages.set(name, file);
      } else if (target.endsWith('.ts')) seen.add(normalize(join(dirname(file), target)));
    }
  }
  return packages;
}
