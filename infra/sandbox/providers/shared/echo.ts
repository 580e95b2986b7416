/**
 * Planning without what the plan is for: with `PLATFORM_ECHO=1` a plugin answers every call from the inputs alone, reaches
 * nothing and creates nothing, and says so. With `PLATFORM_ECHO_APPLY=1` beside it, the plan becomes the state of a backend
 * that is thrown away.
 */
import { warn } from './serve.ts';

export const echoing = process.env.PLATFORM_ECHO === '1';

export const applyingEcho = echoing && process.env.PLATFORM_ECHO_APPLY === '1';

export function announceEcho(plugin: string): void {
  warn(`PLAN ONLY: the ${plugin} plugin repeats what it is given; nothing was created, changed or asked for`);
}
