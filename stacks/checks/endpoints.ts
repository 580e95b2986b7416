/** What the running API has to answer about its health: A's checks and E's, as data. How they are asked is in gates.ts. */
import type { HttpAsk } from '../gates.ts';
import type { Asks } from './asks.ts';

const isoTime = { matches: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}' };

interface Wanted {
  readonly stack: { readonly environment: string; readonly version: string };
}

/** A-GATE-1..4 and A-GATE-8. */
export const endpointChecks = ({ stack }: Wanted): Asks<HttpAsk> => ({
  'endpoint-health': {
    requirement: 'A-GATE-1, A-GATE-8',
    path: '/health',
    expect: {
      status: 200,
      json: { status: 'healthy', timestamp: isoTime, environment: stack.environment, version: stack.version },
    },
  },
  'endpoint-database': { requirement: 'A-GATE-2', path: '/api/v1/health/database', expect: { status: 200 } },
  'endpoint-redis': { requirement: 'A-GATE-3', path: '/api/v1/health/redis', expect: { status: 200 } },
  'endpoint-minio': { requirement: 'A-GATE-4', path: '/api/v1/health/minio', expect: { status: 200 } },
});
