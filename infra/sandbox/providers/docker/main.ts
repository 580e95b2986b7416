/** Plans with containers without a Docker daemon, and does nothing else. */
import { repeat } from '../shared/repeating.ts';

/** What Docker changes on a container that runs. Everything else is another container. */
const CHANGEABLE = new Set([
  'cpuSet',
  'cpuShares',
  'cpus',
  'destroyGraceSeconds',
  'maxRetryCount',
  'memory',
  'memorySwap',
  'mustRun',
  'removeVolumes',
  'restart',
  'wait',
  'waitTimeout',
]);

const LENGTH_OF_ID = 64;

await repeat({
  name: 'docker',
  makeUp: () => (place) => {
    if (place.type === 'number') return 0;
    if (place.type === 'boolean') return false;
    return place.hex(LENGTH_OF_ID);
  },
  // A volume is known by its name.
  id: (token, { name }, hex) => (token.endsWith(':Volume') && typeof name === 'string' ? name : hex(LENGTH_OF_ID)),
  replaces: (_token, { path }) => !CHANGEABLE.has(String(path[0])),
});
