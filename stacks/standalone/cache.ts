/** Cache and sessions (E-TOPO-1). */
import type { Output, Resource } from '@pulumi/pulumi';
import { redisContainer } from '../../components/redis/docker.ts';
import { sized, type Host, type Running } from './host.ts';

export interface Cache extends Running {
  readonly password: Output<string>;
}

export function cache(host: Host, after: readonly Resource[]): Cache {
  const { startDeadline: deadline, ...settings } = host.settings.redis;
  const password = host.generated('redis-password', 32);
  const service = redisContainer({
    ...settings,
    ...sized(settings),
    name: 'redis',
    password,
    image: host.image('redis'),
  });
  return { ...host.run('redis', service, { networks: ['data'], deadline, after }), password };
}
