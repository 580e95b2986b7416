/** The fence around a platform. The only door of this folder. */
export { Guard, type GuardArgs } from './guard.ts';
export { policies, type Edge, type Place, type Policy } from './edges.ts';
