/** Where a product's image lies. The only door of this folder. */
export type { Kept } from './lifecycle.ts';
export { Registry, repositoryPolicy, type RegistryArgs } from './registry.ts';
