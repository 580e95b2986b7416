/**
 * What AWS's kinds take, read from the types of the installed `@pulumi/aws` with the compiler's own parser: which fields there
 * are, which are required, of what type, and which values an enumeration has. Only for the kinds that the program imports.
 *
 *     node test/engine/support/aws/table.ts    writes test/golden/aws-inputs.json anew
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { CHECKOUT } from '../../../../infra/sandbox/host/paths.ts';

/**
 * A field: its type, with `!` before it where it is required. `string`, `[number]` a list, `{string}` a map, `#eks.ClusterVpcConfig`
 * a block of its own, `=ec2.Tenancy` an enumeration, `*` anything.
 */
export type Fields = Readonly<Record<string, string>>;

export interface Table {
  readonly version: string;
  /** By the type of the resource: `aws:ec2/vpc:Vpc`. */
  readonly kinds: Readonly<Record<string, Fields>>;
  readonly blocks: Readonly<Record<string, Fields>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
}

export const TABLE = join(CHECKOUT, 'test/golden/aws-inputs.json');
const PACKAGE = join(CHECKOUT, 'node_modules/@pulumi/aws');

/** The modules of the package that the program imports: `ec2/vpc`. */
export function modulesInUse(): string[] {
  const files = globSync('{components,infra,stacks}/**/*.ts', { cwd: CHECKOUT });
  const found = files.flatMap((file) => [
    ...readFileSync(join(CHECKOUT, file), 'utf8').matchAll(/['"]@pulumi\/aws\/([\w/]+)\.js['"]/g),
  ]);
  const modules = new Set(found.map(([, path]) => path!));
  return [...modules].filter((path) => !/(^|\/)(index|provider)$/.test(path)).toSorted();
}

const parse = (path: string): ts.SourceFile =>
  ts.createSourceFile(path, readFileSync(join(PACKAGE, path), 'utf8'), ts.ScriptTarget.ES2022, true);

const nameOf = (node: ts.EntityName): string => node.getText();

/** Every interface of a file, those of its namespaces as `eks.Cluster`. */
function interfacesOf(source: ts.SourceFile): Map<string, ts.InterfaceDeclaration> {
  const found = new Map<string, ts.InterfaceDeclaration>();
  const visit = (node: ts.Node, space: string): void => {
    if (ts.isInterfaceDeclaration(node)) found.set(`${space}${node.name.text}`, node);
    if (ts.isModuleDeclaration(node) && node.body)
      ts.forEachChild(node.body, (inner) => visit(inner, `${space}${node.name.text}.`));
  };
  ts.forEachChild(source, (node) => visit(node, ''));
  return found;
}

/** `Valid values are \`a\`, \`b\` and \`c\`.` Fewer than two are an example. */
function documented(member: ts.PropertySignature): string[] {
  const text = ts
    .getJSDocCommentsAndTags(member)
    .map((one) => one.getText())
    .join(' ')
    .replaceAll(/\s*\n\s*\*\s?/g, ' ');
  const sentence =
    /Valid values?(?: are| is| include)?:? ((?:`[\w./-]+`(?: \([^)]*\))?(?:, (?:and|or) |, | and | or )?)+)(?:\.|$| \*|<)/.exec(
      text,
    );
  const values = [...(sentence?.[1] ?? '').matchAll(/`([\w./-]+)`/g)].map(([, value]) => value!);
  return values.length > 1 ? values : [];
}

class Reader {
  readonly blocks: Record<string, Fields> = {};
  readonly enums: Record<string, readonly string[]> = {};
  readonly #inputs = interfacesOf(parse('types/input.d.ts'));

  fields(declaration: ts.InterfaceDeclaration, called: string): Fields {
    const members = declaration.members.filter(ts.isPropertySignature);
    return Object.fromEntries(
      members.map((member) => {
        const name = member.name.getText();
        const type = this.#type(member.type!);
        const values = /^[[{]?string/.test(type) ? documented(member) : [];
        if (values.length > 0) this.enums[`${called}.${name}`] = values;
        const told = values.length > 0 ? type.replace('string', `=${called}.${name}`) : type;
        return [name, `${member.questionToken ? '' : '!'}${told}`];
      }),
    );
  }

  #type(node: ts.TypeNode): string {
    if (ts.isUnionTypeNode(node)) {
      const types = node.types
        .filter((one) => one.kind !== ts.SyntaxKind.UndefinedKeyword)
        .map((one) => this.#type(one));
      // A list of known values beside `string` is a hint for people; here it is the list.
      return types.find((type) => type.startsWith('=')) ?? (types.length === 1 ? types[0]! : '*');
    }
    if (ts.isParenthesizedTypeNode(node)) return this.#type(node.type);
    if (ts.isArrayTypeNode(node)) return `[${this.#type(node.elementType)}]`;
    if (ts.isTypeLiteralNode(node)) {
      const [index] = node.members.filter(ts.isIndexSignatureDeclaration);
      return index === undefined ? '*' : `{${this.#type(index.type)}}`;
    }
    if (ts.isTypeReferenceNode(node)) return this.#reference(node);
    const plain: Readonly<Record<number, string>> = {
      [ts.SyntaxKind.StringKeyword]: 'string',
      [ts.SyntaxKind.NumberKeyword]: 'number',
      [ts.SyntaxKind.BooleanKeyword]: 'boolean',
    };
    return plain[node.kind] ?? '*';
  }

  #reference(node: ts.TypeReferenceNode): string {
    const name = nameOf(node.typeName);
    const [inner] = node.typeArguments ?? [];
    if (name === 'pulumi.Input' && inner !== undefined) return this.#type(inner);
    if (name.startsWith('inputs.')) return this.#block(name.slice('inputs.'.length));
    if (name.startsWith('enums.')) return this.#enumeration(name.slice('enums.'.length));
    // Another resource, or its ARN.
    return '*';
  }

  #block(name: string): string {
    const declaration = this.#inputs.get(name);
    if (declaration === undefined) return '*';
    if (!(name in this.blocks)) {
      this.blocks[name] = {};
      this.blocks[name] = this.fields(declaration, name);
    }
    return `#${name}`;
  }

  #enumeration(name: string): string {
    if (!(name in this.enums)) {
      const [space, own] = name.split('.') as [string, string];
      const source = parse(`types/enums/${space}/index.d.ts`).text;
      const body = new RegExp(`declare const ${own}: \\{([\\s\\S]*?)\\n\\};`).exec(source)?.[1] ?? '';
      this.enums[name] = [...body.matchAll(/: "([^"]*)";/g)].map(([, value]) => value!);
    }
    return `=${name}`;
  }
}

const sorted = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** @param modules of the package: `ec2/vpc` */
export function generate(modules: readonly string[] = modulesInUse()): Table {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string };
  const reader = new Reader();
  const kinds = modules.map((path) => {
    const token = /__pulumiType = '([^']+)'/.exec(readFileSync(join(PACKAGE, `${path}.js`), 'utf8'))?.[1];
    if (token === undefined) throw new Error(`@pulumi/aws/${path}.js is no resource: give it a place in modulesInUse`);
    const type = token.split(':').at(-1)!;
    const args = interfacesOf(parse(`${path}.d.ts`)).get(`${type}Args`)!;
    return [token, reader.fields(args, token)] as const;
  });
  return {
    version,
    kinds: sorted(Object.fromEntries(kinds)),
    blocks: sorted(reader.blocks),
    enums: sorted(reader.enums),
  };
}

export const textOf = (table: Table): string => `${JSON.stringify(table, null, 1)}\n`;

if (process.argv[1] === import.meta.filename) writeFileSync(TABLE, textOf(generate()));
