/** `[count] --name number …`, as the programs of this folder are called. */

/** @throws when something else stands there */
export function numbers<const N extends string>(
  args: readonly string[],
  first: number,
  names: Readonly<Record<N, number>>,
): Record<N | 'count', number> {
  const values: Record<string, number> = { count: first, ...names };
  const left = [...args];
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    const name = arg.startsWith('--') ? arg.slice(2) : 'count';
    const text = name === 'count' ? arg : (left.shift() ?? '');
    if (!(name in values) || !/^\d+$/.test(text)) {
      const known = Object.keys(names).map((known) => `[--${known} number]`);
      throw new Error(`arguments: found ${JSON.stringify(`${arg} ${text}`.trim())}, wanted [count] ${known.join(' ')}`);
    }
    values[name] = Number(text);
  }
  return values;
}
