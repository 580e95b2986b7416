/** Where work is left for the workers, in the shape that has them (D-HELM-5, D-HELM-7, CONF-8). */
import type { Resource } from '@pulumi/pulumi';
import { RabbitMq } from '../../components/rabbitmq/index.ts';
import type { Tls } from './certificates.ts';
import type { Site } from './site.ts';

/** @param tls the certificate of the broker, where it has one */
export function queue(site: Site, tls: Tls | undefined, after: readonly Resource[]): RabbitMq | undefined {
  const { settings, common, provider, images } = site;
  if (settings.rabbitmq === undefined) return undefined;
  const { nodes: replicas, ...rabbitmq } = settings.rabbitmq;
  return new RabbitMq(
    'rabbitmq',
    { ...rabbitmq, ...common, replicas, tls, image: images.rabbitmq },
    { provider, dependsOn: [...after] },
  );
}
