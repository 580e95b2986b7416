/** A product's own image. The only door of this folder. */
export { BuiltImage, serverOf } from './image.ts';
export type { BuiltImageArgs, RegistryLogin, VersionCheck } from './args.ts';
export { released, staged, type Edition } from './editions.ts';
