/** The API: how it is reached, and what only a test may switch on. */
import type { Problems } from '../../../components/core/index.ts';
import type { Settings } from '../schema.ts';

export function checkExposure({ api }: Settings, problems: Problems): void {
  const { kind, port } = api.exposure;
  problems.require(kind !== 'nodePort' || (port >= 30000 && port <= 32767), {
    where: 'api.exposure.port',
    found: `${port}`,
    wanted: 'a port from 30000 to 32767 while api.exposure.kind is "nodePort"',
  });
}

export function checkFaults({ api, stack }: Settings, problems: Problems): void {
  const faults = Object.keys(api.extraEnvironment);
  problems.require(stack.environment !== 'production' || faults.length === 0, {
    where: 'api.extraEnvironment',
    found: faults.join(', '),
    wanted: 'nothing while stack.environment is "production"',
  });
}
