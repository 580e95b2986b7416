/** Reads an nginx.conf back: what a directive says, in the block where it stands. */
export interface Directive {
  readonly words: readonly string[];
  /** The directives of a block; undefined for one that ends with a semicolon. */
  readonly inside?: readonly Directive[];
}

/** @throws where a block is not closed, or a word not ended */
export function read(text: string): readonly Directive[] {
  const tokens = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([{};])|([^\s{};"']+)/g)].map(
    ([, double, single, mark, word]) => (mark === undefined ? { word: double ?? single ?? word! } : { mark }),
  );
  let at = 0;
  const block = (top: boolean): Directive[] => {
    const found: Directive[] = [];
    let words: string[] = [];
    for (;;) {
      const token = tokens[at++];
      if (token === undefined) {
        if (!top || words.length > 0) throw new Error(`the file ends inside a block, after ${words.join(' ')}`);
        return found;
      }
      if ('word' in token) words.push(token.word);
      else if (token.mark === '}') return found;
      else {
        found.push(token.mark === '{' ? { words, inside: block(false) } : { words });
        words = [];
      }
    }
  };
  return block(true);
}

/** What follows a directive's name, for each time it stands in a block. */
export const values = (inside: readonly Directive[], name: string): string[] =>
  inside.filter(({ words }) => words[0] === name).map(({ words }) => words.slice(1).join(' '));

/** The one block of that head. */
export function blockOf(inside: readonly Directive[], ...head: readonly string[]): readonly Directive[] {
  const hits = inside.filter((one) => one.inside && one.words.join(' ') === head.join(' '));
  if (hits.length !== 1) throw new Error(`${hits.length} blocks are called ${head.join(' ')}`);
  return hits[0]!.inside!;
}

/** The `http` block. */
export const http = (text: string): readonly Directive[] => blockOf(read(text), 'http');

/** The server that listens on a port for a name; `_` is the one for all others. */
export function server(text: string, port: number, name: string): readonly Directive[] {
  const hits = http(text).filter(
    ({ words, inside }) =>
      words[0] === 'server' &&
      values(inside!, 'listen').some((listen) => listen.split(' ')[0] === String(port)) &&
      (values(inside!, 'server_name')[0] ?? '') === name,
  );
  if (hits.length !== 1) throw new Error(`${hits.length} servers listen on ${port} for ${name}`);
  return hits[0]!.inside!;
}
