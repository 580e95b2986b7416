/** What the Tria AI-BPO chatbot consists of, whatever it runs on: names, ports, health, and what it says when it is well. */
import type { Bytes, CpuRange, Image, ServiceFacts } from '../core/index.ts';

/** The parts, in the order in which they start (C-DEP-1). */
export const PARTS = ['postgres', 'redis', 'backend', 'frontend', 'nginx'] as const;
export type Part = (typeof PARTS)[number];

/** Which parts there are on a server of 4 GB, and which on one of 2 (C-TOPO-1, C-TOPO-2). */
export const PROFILES = {
  'full-stack': PARTS,
  'backend-only': ['postgres', 'redis', 'backend'],
} as const satisfies Record<string, readonly Part[]>;
export type Profile = keyof typeof PROFILES;

/** How a part is called on its host (C-TOPO-1). Others find it by the part's own name: `postgres`, as in `DATABASE_URL`. */
export const containerName = (part: Part | Task): string => `tria_aibpo_${part.replaceAll('-', '_')}`;

/** The ports inside (C-PORT-1, C-PORT-2). That of the frontend stands nowhere (ours). */
export const PORTS = { postgres: 5432, redis: 6379, backend: 8003, frontend: 3000, nginx: 8080, tls: 8443 } as const;

/** The backend's own commands, in its working directory (C-DATA-1, C-DATA-2, C-MIG-2, C-SMOKE-2). */
export const COMMANDS = {
  migrate: ['python', 'migrations/migrate.py'],
  samples: ['python', 'scripts/setup_test_environment.py'],
  knowledge: ['python', 'scripts/build_knowledge_base_from_markdown.py', '--yes'],
  'e2e-tests': ['python', 'tests/test_production_e2e.py'],
} as const;
export type Task = keyof typeof COMMANDS | 'backup';

/** What building the knowledge base says at its end (C-GATE-4, C-OK-1). */
export const INDEXED = '57 total policy chunks indexed';

/** What `/health` answers (C-GATE-1). ChromaDB is no container: it is part of the backend (C-TOPO-3, CONF-64). */
export const HEALTH = {
  path: '/health',
  body: { status: 'healthy', database: 'connected', redis: 'connected', chromadb: 'connected' },
} as const;

/** The question that a smoke test asks (C-SMOKE-1). */
export const CHAT = {
  path: '/api/chatbot',
  question: { message: 'Hello, what is your refund policy?', session_id: 'staging-test-1' },
} as const;

/** The folder where ChromaDB keeps the knowledge base. No document names it (CONF-64, ours). */
export const KNOWLEDGE_FOLDER = '/app/chroma';

/** What a part is given by its stack: its image, and what it may take of the host. */
export interface PartArgs {
  readonly image: Image;
  readonly cpu: CpuRange;
  /** Above it the kernel ends the part. */
  readonly memory: Bytes;
}

/** How PostgreSQL is tuned, in its own units (C-ENV-7..10): given as flags, so that `SHOW` says what the variables say. */
export interface Tuning {
  readonly sharedBuffers: string;
  readonly effectiveCacheSize: string;
  readonly workMem: string;
  readonly maintenanceWorkMem: string;
}

const flags = (tuning: Tuning): string[] =>
  Object.entries({
    shared_buffers: tuning.sharedBuffers,
    effective_cache_size: tuning.effectiveCacheSize,
    work_mem: tuning.workMem,
    maintenance_work_mem: tuning.maintenanceWorkMem,
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** PostgreSQL (C-PORT-2, C-ENV-3..10). It counts as well once it takes connections over the network, not while it is made. */
export const postgresFacts = (
  part: PartArgs,
  { user, database, tuning }: { readonly user: string; readonly database: string; readonly tuning: Tuning },
): ServiceFacts => ({
  ...part,
  name: 'postgres',
  command: ['postgres', ...flags(tuning)],
  ports: { postgres: PORTS.postgres },
  settings: { POSTGRES_USER: user, POSTGRES_DB: database, POSTGRES_INITDB_ARGS: '--auth-host=scram-sha-256' },
  health: { command: ['pg_isready', '--host=127.0.0.1', `--username=${user}`, `--dbname=${database}`], interval: '5s' },
  scratch: { '/var/run/postgresql': '16Mi', '/tmp': '64Mi' },
  stopGrace: '60s',
});

export const REDIS_CONF = '/etc/redis/tria.conf';

/** Redis (C-ENV-11..15). Its password stands hashed in its configuration; the health check reads `REDISCLI_AUTH`. */
export const redisFacts = (part: PartArgs): ServiceFacts => ({
  ...part,
  name: 'redis',
  command: ['redis-server', REDIS_CONF],
  ports: { redis: PORTS.redis },
  health: { command: ['redis-cli', '-e', 'ping'], interval: '5s' },
});

const ask = `import urllib.request; urllib.request.urlopen('http://127.0.0.1:${PORTS.backend}${HEALTH.path}', timeout=4)`;

/** The backend (C-PORT-1). Its own `/health` says whether it is well, so it is not while PostgreSQL or Redis is away. */
export const backendFacts = (part: PartArgs, settings: Readonly<Record<string, string>>): ServiceFacts => ({
  ...part,
  name: 'backend',
  ports: { http: PORTS.backend },
  settings,
  health: { command: ['python', '-c', ask], interval: '5s', startPeriod: '60s' },
  scratch: { '/tmp': '256Mi' },
});

/** Asks a port for a path with what every Debian image has, and wants 200. */
const get = (port: number, path: string): string[] => [
  'bash',
  '-c',
  `exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]`,
];

/** The frontend. Nothing is known of it but its container's name; how it is asked is ours. */
export const frontendFacts = (part: PartArgs): ServiceFacts => ({
  ...part,
  name: 'frontend',
  ports: { http: PORTS.frontend },
  health: { command: get(PORTS.frontend, '/'), interval: '5s' },
  scratch: { '/tmp': '64Mi' },
});

export const NGINX_HEALTH = '/nginx-health';

/**
 * nginx, in front of both. It answers for itself: it is well while the backend is not.
 *
 * @param secure whether it has a certificate, and so a port for TLS
 */
export const nginxFacts = (part: PartArgs, secure = false): ServiceFacts => ({
  ...part,
  name: 'nginx',
  ports: { http: PORTS.nginx, ...(secure && { https: PORTS.tls }) },
  health: { command: get(PORTS.nginx, NGINX_HEALTH), interval: '5s' },
  scratch: { '/tmp': '64Mi' },
});
