/** The way in from outside: the page, and nginx in front of it and of the backend. With the profile `full-stack` alone. */
import type * as pulumi from '@pulumi/pulumi';
import { CERTIFICATE, frontendFacts, nginxConf, nginxFacts } from '../../components/chatbot/index.ts';
import { Container, type ContainerArgs } from '../../components/container/index.ts';
import { productImage, type Site } from './site.ts';

/** What the frontend's processes run as: nginx' own number in its images (ours). */
const USER = 101;

export interface Front {
  readonly frontend: Container;
  readonly nginx: Container;
}

/** What people brought: a rule has seen that both are there. */
const certificate = ({ secrets }: Site): ContainerArgs['files'] => ({
  [CERTIFICATE.chain]: { content: secrets.tlsCertificate!, secret: true },
  [CERTIFICATE.key]: { content: secrets.tlsKey!, secret: true },
});

export function front(site: Site, after: readonly pulumi.Resource[]): Front | undefined {
  const { frontend, nginx, stack, network } = site.settings;
  if (frontend === undefined || nginx === undefined) return undefined;
  const image = productImage(frontend.image, frontend.version ?? stack.version, USER);
  const page = new Container(
    'frontend',
    {
      ...site.common('frontend'),
      facts: frontendFacts({ image, cpu: frontend.cpu, memory: frontend.memory }),
      version: frontend.version ?? stack.version,
    },
    { ...site.options, dependsOn: [...site.options.dependsOn, ...after] },
  );
  const { tls } = nginx;
  const facts = nginxFacts({ image: site.images.edge, cpu: nginx.cpu, memory: nginx.memory }, tls !== undefined);
  const proxy = new Container(
    'nginx',
    {
      ...site.common('nginx'),
      facts,
      files: { '/etc/nginx/conf.d/default.conf': { content: nginxConf(tls) }, ...(tls && certificate(site)) },
      publish: [
        { port: 'http', host: nginx.port, bind: network.bind },
        ...(tls ? [{ port: 'https', host: tls.port, bind: network.bind }] : []),
      ],
    },
    { ...site.options, dependsOn: [...site.options.dependsOn, ...after, page.gate!] },
  );
  return { frontend: page, nginx: proxy };
}
