/** The smoke tests that run inside the cluster. The only door of this folder. */
export { Smoke, type Bars, type SmokeArgs } from './smoke.ts';
