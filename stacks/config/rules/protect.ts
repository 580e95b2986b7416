/** What holds somebody's data is protected. */
import type { Problems } from '../../../components/core/index.ts';

interface Protected {
  readonly stack: { readonly protect: boolean; readonly environment: string };
}

export function checkProtection({ stack: { protect, environment } }: Protected, problems: Problems): void {
  problems.require(protect || environment === 'local', {
    where: 'stack.protect',
    found: 'false',
    wanted: `true while stack.environment is "${environment}": its data is somebody's`,
  });
}
