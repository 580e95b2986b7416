/** What stands behind a verb on the command line: `STACK=local EXPECT=no-changes`. */

/** The settings of a verb by their names. @throws for one that the verb does not have, with those that it has */
export function settingsOf<K extends string>(args: readonly string[], known: readonly K[]): Partial<Record<K, string>> {
  const settings: Partial<Record<K, string>> = {};
  for (const arg of args) {
    const at = arg.indexOf('=');
    const name = known.find((key) => key === arg.slice(0, at));
    if (name === undefined) {
      const takes = known.length ? known.map((key) => `${key}=…`).join(' ') : 'no settings';
      throw new Error(`"${arg}": this verb takes ${takes}; nothing was done`);
    }
    settings[name] = arg.slice(at + 1);
  }
  return settings;
}
