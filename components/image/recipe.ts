/** What a recipe (a Dockerfile) wants to be told. Docker builds with an argument left out or misspelt, and says nothing. */
import { nearest, shown, type Problems } from '../core/index.ts';

/** What Docker takes without a declaration, and what BuildKit sets by itself. */
const PREDEFINED = /^((https?|ftp|no|all)_proxy|BUILDKIT_\w+|SOURCE_DATE_EPOCH)$/i;
const AUTOMATIC = /^(TARGET|BUILD)(PLATFORM|OS|ARCH|VARIANT)$/;
/** Names of what may not lie in an image's history. */
const SECRET = /PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY/i;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The arguments that a recipe declares, with whether it can do without being told. */
export function declared(recipe: string): ReadonlyMap<string, { readonly optional: boolean }> {
  const found = new Map<string, { optional: boolean }>();
  const lines = recipe.replace(/^\s*#.*$/gm, '').replace(/\\\r?\n/g, ' ');
  for (const [, list] of lines.matchAll(/^\s*ARG\s+(.+)$/gim)) {
    for (const [, name, given] of list!.matchAll(/([A-Za-z_]\w*)(=(?:"[^"]*"|'[^']*'|\S*))?/g)) {
      // Declared again inside a stage, it keeps the default it has outside.
      found.set(name!, { optional: given !== undefined || found.get(name!)?.optional === true });
    }
  }
  return found;
}

/** Notes each argument that the recipe does not know, lacks, or that would tell a secret. */
export function checkArguments(recipe: string, given: Readonly<Record<string, string>>, problems: Problems): void {
  const known = declared(recipe);
  for (const [name, value] of Object.entries(given)) {
    const where = `arguments.${name}`;
    problems.require(!SECRET.test(name), {
      where,
      found: 'the name of a secret',
      wanted: 'none: build arguments can be read in the image’s history; give secrets to what runs it',
    });
    problems.require(value !== '' && !/[\r\n]/.test(value), {
      where,
      found: shown(value),
      wanted: 'a value on one line',
    });
    if (NAME.test(name) && (known.has(name) || PREDEFINED.test(name))) continue;
    const close = nearest(name, [...known.keys()]);
    problems.add({
      where,
      found: 'an argument that the recipe does not declare',
      wanted: known.size === 0 ? 'none: it has no ARG' : `one of ${[...known.keys()].toSorted().join(', ')}`,
      ...(close !== undefined && { remedy: `did you mean ${close}?` }),
    });
  }
  for (const [name, { optional }] of known) {
    problems.require(optional || name in given || AUTOMATIC.test(name), {
      where: `arguments.${name}`,
      found: 'nothing',
      wanted: 'a value: the recipe declares it without one of its own',
    });
  }
}
