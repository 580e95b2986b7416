/**
 * What a provider's own package declares of its kinds: the program's folder has it installed, so nothing is typed twice.
 * The declarations are generated and look alike, which is why patterns are enough to read them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sdkFile } from './sdk.ts';

/** A type as it is written: `string`, `outputs.eks.ClusterVpcConfig`, `string[]`, `{ [key: string]: string; }`. */
export interface Field {
  readonly type: string;
  /** It need not be there: what nobody gave stays out. Where it always is, the provider makes it. */
  readonly optional: boolean;
}
export type Fields = Readonly<Record<string, Field>>;

export interface Declared {
  readonly version: string;
  /** Every property of a resource. @throws for a kind that the package does not have */
  readonly outputs: (token: string) => Fields;
  /** The fields of a block: `outputs.eks.ClusterVpcConfig`. Nothing for a type that is none. */
  readonly block: (type: string) => Fields | undefined;
}

const COMMENTS = /\/\*\*[\s\S]*?\*\//g;
const OPTIONAL = / \| undefined$/;

const fieldOf = (written: string, mark = ''): Field => ({
  type: written.replace(OPTIONAL, '').replaceAll(/\s+/g, ' '),
  optional: mark === '?' || OPTIONAL.test(written),
});

/** The fields of one interface, none of its inner ones: those are indented further. A type over several lines is cut short. */
function interfaceFields(body: string, indent: number): Fields {
  const line = new RegExp(`^ {${indent}}(\\w+)(\\??): (.*?);?$`, 'gm');
  return Object.fromEntries([...body.matchAll(line)].map(([, name, mark, type]) => [name!, fieldOf(type!, mark)]));
}

/** The text between the braces of a declaration. */
function bodyOf(text: string, opening: RegExp, indent: number): string | undefined {
  const start = opening.exec(text);
  if (start === null) return undefined;
  const from = start.index + start[0].length;
  return text.slice(from, text.indexOf(`\n${' '.repeat(indent)}}`, from) + 1);
}

/**
 * @param name of the package below `@pulumi`
 * @param directory the program's folder
 */
export function declared(name: string, directory: string): Declared {
  const root = join(dirname(dirname(sdkFile(directory, 'package.json'))), name);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

  const files = new Map<string, string>();
  const read = (path: string): string => {
    const text =
      files.get(path) ??
      readFileSync(join(root, path), 'utf8')
        .replaceAll(COMMENTS, '')
        .replaceAll(/\n\s*\n/g, '\n');
    files.set(path, text);
    return text;
  };
  /** `aws:ec2/vpc:Vpc` is declared in `ec2/vpc.d.ts`, `docker:index/container:Container` in `container.d.ts`. */
  const kind = (token: string): string => {
    const file = `${token.split(':')[1]!.replace(/^index\//, '')}.d.ts`;
    if (!existsSync(join(root, file))) throw new Error(`@pulumi/${name} ${version} has no kind ${token}`);
    return read(file);
  };

  return {
    version,
    outputs: (token) => {
      const found = kind(token).matchAll(/^ {4}readonly (\w+): pulumi\.Output<([\s\S]*?)>;$/gm);
      return Object.fromEntries([...found].map(([, property, type]) => [property!, fieldOf(type!)]));
    },
    block: (type) => {
      const [origin, ...path] = type.split('.');
      if (origin !== 'outputs') return undefined;
      const text = read('types/output.d.ts');
      const own = path.at(-1)!;
      const space =
        path.length === 1 ? text : bodyOf(text, new RegExp(`^export declare namespace ${path[0]!} \\{\\n`, 'm'), 0);
      const indent = path.length === 1 ? 0 : 4;
      const body = bodyOf(space ?? '', new RegExp(`^ {${indent}}(?:export )?interface ${own} \\{\\n`, 'm'), indent);
      return body === undefined ? undefined : interfaceFields(body, indent + 4);
    },
  };
}
