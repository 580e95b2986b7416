/** Whether an engine that was killed has left its lock on a stack: the next one then asks for `pulumi cancel`. */
import { readdirSync } from 'node:fs';
import type { Trial } from '../../e2e/support/release/trial.ts';

export function isLocked({ stack }: Trial): boolean {
  const files = readdirSync(stack.state, { recursive: true }).map(String);
  return files.some((file) => /\.pulumi\/locks\/.+\.json$/.test(file));
}
