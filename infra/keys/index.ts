/** Keys for data at rest. The only door of this folder. */
export { Key, type KeyArgs } from './key.ts';
export { keyPolicy, type KeyUse } from './policy.ts';
