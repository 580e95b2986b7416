/** Test files that share a process: what all of them import, half a second of each, is loaded once. `tally.ts` says which. */
import { before } from 'node:test';

const { PLATFORM_GROUP = '[]' } = process.env;
const { promise: loaded, resolve } = Promise.withResolvers<undefined>();

// The tests of one file must not run while the next one is set up.
before(() => loaded);
try {
  for (const file of JSON.parse(PLATFORM_GROUP) as string[]) await import(file);
} finally {
  resolve(undefined);
}
