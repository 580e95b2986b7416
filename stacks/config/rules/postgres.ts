/** PostgreSQL: its connections and its memory, with the pooler between it and the API where there is one. */
import type { Problems } from '../../../components/core/index.ts';
import { tune } from '../../../components/postgres/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';
import { databaseClients } from './api.ts';

/** E-OPS-4: five times as many clients as the database has connections for, and at least so many. */
const TIMES = 5;
const CLIENTS = 100;

export function checkConnections(settings: Settings, problems: Problems): void {
  const { memory, maxConnections, reservedConnections, pooler } = settings.postgres;
  const clients = databaseClients(settings);
  const direct = pooler
    ? {
        needed: pooler.replicas * (pooler.size + pooler.reserve),
        sum: `postgres.pooler.replicas ${pooler.replicas} × (postgres.pooler.size ${pooler.size} + postgres.pooler.reserve ${pooler.reserve})`,
      }
    : clients;
  const needed = direct.needed + reservedConnections;
  const { mostConnections } = tune(memory, maxConnections);
  if (needed > maxConnections) {
    problems.add({
      where: 'postgres.maxConnections',
      found: `${maxConnections}`,
      wanted: `at least ${needed}: ${direct.sum} + postgres.reservedConnections ${reservedConnections}`,
    });
  } else if (maxConnections > mostConnections) {
    problems.add({
      where: 'postgres.maxConnections',
      found: `${maxConnections}`,
      wanted: `at most ${mostConnections}, which is what postgres.memory "${memory}" has room for`,
    });
  } else if (pooler) checkPooler(settings, pooler, clients, problems);
}

function checkPooler(
  { postgres }: Settings,
  pooler: NonNullable<Settings['postgres']['pooler']>,
  clients: { needed: number; sum: string },
  problems: Problems,
): void {
  const { replicas, maxClients, size } = pooler;
  // While one pod is away, the others serve everybody.
  const left = Math.max(1, replicas - 1);
  const least = Math.max(CLIENTS, TIMES * size, Math.ceil((clients.needed + postgres.reservedConnections) / left));
  problems.require(maxClients >= least, {
    where: 'postgres.pooler.maxClients',
    found: `${maxClients}`,
    wanted:
      `at least ${least}: ${CLIENTS}, ${TIMES} × postgres.pooler.size ${size}, and what ${left} of ` +
      `postgres.pooler.replicas ${replicas} must take alone, ${clients.sum} + postgres.reservedConnections ${postgres.reservedConnections}`,
  });
}
