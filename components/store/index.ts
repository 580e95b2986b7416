/** What the data components share. The only door of this folder. */
export { Anchor, type AnchorInputs, type Fixed } from './anchor.ts';
export { type Volume } from './claims.ts';
export { configuration, credentials, type Belonging, type Credentials, type ServerArgs } from './parts.ts';
export { type Sidecar } from './pod.ts';
export { store, type Store, type StoreArgs } from './store.ts';
export { membersName } from './services.ts';
