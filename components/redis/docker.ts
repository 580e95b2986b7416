/** Redis as one container, and its exporter (A-TOPO-2, E-TOPO-1, A-PORT-11). */
import type * as pulumi from '@pulumi/pulumi';
import type { Contained } from '../container/index.ts';
import type { Bytes, CpuRange, Image, ServiceFacts } from '../core/index.ts';
import { redisConf, usersAcl, type CacheSettings } from './configuration.ts';
import { CLIENT_PASSWORD, COMMAND, CONFIGURATION_FILE, FOLDERS, GRACE, PORT, READY, USERS_FILE } from './facts.ts';

export { EVICTION_POLICIES } from './configuration.ts';
export { PORT as REDIS_PORT } from './facts.ts';

export interface RedisService extends CacheSettings {
  readonly name: string;
  readonly image: Image;
  /** Of the one user, for clients. A new one is a new container; the data stay. */
  readonly password: pulumi.Output<string>;
  readonly cpu: CpuRange;
  /** Above `maxMemory` by what rewriting the append-only file needs. */
  readonly memory: Bytes;
}

export const redisContainer = (args: RedisService): Contained => ({
  facts: {
    ...{ name: args.name, image: args.image, command: COMMAND, cpu: args.cpu, memory: args.memory },
    ports: { redis: PORT },
    health: { command: READY, interval: '5s' },
    stopGrace: `${GRACE}s`,
  },
  data: FOLDERS.data,
  secrets: { [CLIENT_PASSWORD]: args.password },
  files: {
    [CONFIGURATION_FILE]: { content: redisConf(args, USERS_FILE) },
    [USERS_FILE]: { content: args.password.apply((password) => usersAcl(password)), secret: true },
  },
});

/** Where the exporter tells its figures (A-PORT-11). */
export const EXPORTER_PORT = 9121;

export interface RedisExporter extends Pick<ServiceFacts, 'name' | 'image' | 'cpu' | 'memory'> {
  readonly host: string;
  readonly password: pulumi.Output<string>;
}

export const redisExporter = ({ host, password, ...own }: RedisExporter): Contained => ({
  facts: {
    ...own,
    ports: { metrics: EXPORTER_PORT },
    health: { command: ['wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${EXPORTER_PORT}/health`] },
    settings: { REDIS_ADDR: `redis://${host}:${PORT}` },
    stopGrace: '10s',
  },
  secrets: { REDIS_PASSWORD: password },
});
