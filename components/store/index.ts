/** What the data components share. The only door of this folder. */
export { store, type Store, type StoreArgs, type Volume } from './store.ts';
