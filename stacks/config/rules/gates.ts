/** Gates: what they ask for can be had. */
import { milliseconds, type Problems } from '../../../components/core/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';

/** PostgreSQL, Redis and MinIO, one pod each. */
const DATA_PODS = 3;

export function checkGates({ api, gates }: Settings, problems: Problems): void {
  problems.require(gates.healthy.atLeast <= DATA_PODS + api.replicas, {
    where: 'gates.healthy.atLeast',
    found: `${gates.healthy.atLeast}`,
    wanted: `at most ${DATA_PODS + api.replicas}: three pods of data and api.replicas ${api.replicas}`,
  });
  for (const [name, { interval, deadline }] of Object.entries({
    database: gates.database,
    endpoint: gates.endpoint,
    healthy: gates.healthy,
  })) {
    problems.require(milliseconds(interval) < milliseconds(deadline), {
      where: `gates.${name}.interval`,
      found: `"${interval}"`,
      wanted: `less than gates.${name}.deadline, which is "${deadline}"`,
    });
  }
}
