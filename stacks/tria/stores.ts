/** What holds data: PostgreSQL and Redis, and the copy of the database that an update begins with. */
import type * as pulumi from '@pulumi/pulumi';
import {
  BACKED_UP,
  BACKUP_FOLDER,
  backupScript,
  postgresFacts,
  REDIS_CONF,
  redisConf,
  redisFacts,
} from '../../components/chatbot/index.ts';
import { Container, ContainerTask } from '../../components/container/index.ts';
import { digest } from '../../components/core/index.ts';
import { ExecGate } from '../../components/gates/index.ts';
import type { Site } from './site.ts';

/** The host's own address for itself: nobody outside reaches what is published there. */
const LOOPBACK = '127.0.0.1';

export interface Stores {
  readonly postgres: Container;
  readonly redis: Container;
  /** What has to be open before anything uses them. */
  readonly ready: readonly pulumi.Resource[];
}

export function stores(site: Site): Stores {
  const [postgres, redis] = [database(site), cache(site)];
  return { postgres, redis, ready: [answers(site, postgres), redis.gate!] };
}

/** PostgreSQL: 5432 inside, and on the host 5433 at its loopback address (CONF-40, CONF-34). */
function database(site: Site): Container {
  const { cpu, memory, user, database: name, port, ...tuning } = site.settings.postgres;
  const part = { image: site.images.postgres, cpu, memory };
  return new Container(
    'postgres',
    {
      ...site.common('postgres'),
      facts: postgresFacts(part, { user, database: name, tuning }),
      volumes: { '/var/lib/postgresql/data': { volume: site.volume('postgres_data') } },
      secrets: { POSTGRES_PASSWORD: site.variables.passwords.postgres },
      publish: [{ port: 'postgres', host: port, bind: LOOPBACK }],
    },
    site.options,
  );
}

function cache(site: Site): Container {
  const { cpu, memory, maxMemory, evictionPolicy } = site.settings.redis;
  const password = site.variables.passwords.redis;
  const content = password.apply((text) => redisConf({ maxMemory, evictionPolicy }, text));
  return new Container(
    'redis',
    {
      ...site.common('redis'),
      facts: redisFacts({ image: site.images.redis, cpu, memory }),
      volumes: { '/data': { volume: site.volume('redis_data') } },
      files: { [REDIS_CONF]: { content, secret: true } },
      secrets: { REDISCLI_AUTH: password },
    },
    site.options,
  );
}

/** `SELECT 1` inside the container, as the guide has it (C-GATE-3, C-MIG-1). */
function answers(site: Site, postgres: Container): ExecGate {
  const { user, database: name } = site.settings.postgres;
  const gate = new ExecGate(
    'select-1',
    {
      ...{ host: site.ref, container: postgres.containerName, subject: postgres.subject },
      command: ['psql', '-U', user, '-d', name, '-c', 'SELECT 1;'],
      expect: { contains: ['(1 row)'] },
      requirement: 'C-GATE-3, C-MIG-1',
    },
    { dependsOn: postgres.gate! },
  );
  site.gates['select-1'] = gate;
  return gate;
}

/**
 * A backup before each update of the backend (C-BKP-1, CONF-18). It lies in a volume of its own; how it is restored stands in
 * docs/runbooks/tria-rollback.md.
 */
export function backedUp(site: Site, { postgres, ready }: Stores): ContainerTask {
  const { settings, variables } = site;
  const { cpu, memory, user, database: name } = settings.postgres;
  const script = backupScript({ user, database: name });
  const task = new ContainerTask(
    'backup',
    {
      ...site.common('backup'),
      facts: {
        ...{ name: 'backup', image: site.images.postgres, cpu, memory, ports: {} },
        entrypoint: ['sh', '-c', script],
        scratch: { '/tmp': '64Mi' },
      },
      volumes: { [BACKUP_FOLDER]: { volume: site.volume('backups') } },
      secrets: { PGPASSWORD: variables.passwords.postgres },
      occasion: digest({ stack: settings.stack, backend: settings.backend }),
      says: BACKED_UP,
      requirement: 'C-BKP-1',
    },
    { ...site.options, dependsOn: [...site.options.dependsOn, postgres, ...ready] },
  );
  site.gates['backup-done'] = task.gate;
  return task;
}
