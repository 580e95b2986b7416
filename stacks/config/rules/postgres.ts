/** PostgreSQL: its connections and its memory. */
import type { Problems } from '../../../components/core/index.ts';
import { tune } from '../../../components/postgres/index.ts';
import type { Settings } from '../schema.ts';

export function checkConnections({ api, postgres }: Settings, problems: Problems): void {
  const { pool, replicas } = api;
  const { memory, maxConnections, reservedConnections } = postgres;
  // During a rollout one pod more than `replicas` holds its connections.
  const needed = (replicas + 1) * (pool.size + pool.overflow) + reservedConnections;
  const { mostConnections } = tune(memory, maxConnections);
  if (needed > maxConnections) {
    problems.add({
      where: 'postgres.maxConnections',
      found: `${maxConnections}`,
      wanted:
        `at least ${needed}: (api.replicas ${replicas} + 1 while rolling) × ` +
        `(api.pool.size ${pool.size} + api.pool.overflow ${pool.overflow}) + postgres.reservedConnections ${reservedConnections}`,
    });
  } else if (maxConnections > mostConnections) {
    problems.add({
      where: 'postgres.maxConnections',
      found: `${maxConnections}`,
      wanted: `at most ${mostConnections}, which is what postgres.memory "${memory}" has room for`,
    });
  }
}
