/** A stack on one Docker host: where the host is, what it lets in, and which images it runs. */
import type { ImageName } from '../../images.ts';
import * as k from '../kinds.ts';
import { comfort, defaulted, group, optional, part, stated } from '../setting.ts';
import { ours } from './common.ts';
import { system } from './site.ts';

export const stack = group({
  system,
  environment: stated(k.choice('local', 'staging', 'production'), {
    means: 'What the platform is for. `ENVIRONMENT` of the API, and part of what `/health` answers.',
    from: 'A-ENV-1, A-GATE-8',
  }),
  protect: defaulted(k.flag, true, {
    means: 'Whether the volumes refuse to be deleted or replaced. Only `local` may switch it off.',
    from: ours,
  }),
  version: stated(k.version, { means: 'Version of the product: the tag of its image.', from: 'A-TOPO-1' }),
});

const path = k.absolutePath;

/** Needed for a host that is reached over SSH, and for no other. */
export const ssh = part({
  knownHosts: stated(path, { means: "File with the host's key, needed for `ssh://`.", from: ours }),
  key: optional(path, { means: 'File with the private key. Left out: what the SSH agent offers.', from: ours }),
});

export const docker = group({
  address: stated(k.dockerHost, {
    means: 'The Docker host. Another one is another host: everything is made anew there, and no data move.',
    from: 'A-HOST-1, CONF-1',
  }),
  ssh,
  prefix: defaulted(k.dnsLabel, 'corporate-intel', {
    means: 'What the names of the networks and volumes begin with.',
    from: ours,
  }),
  pinnedImages: defaulted(k.flag, false, {
    means:
      'Whether images are named by the digests that `make pin` has asked for. Not for a sandbox, whose images are of its own making.',
    from: ours,
  }),
});

const reference = k.text(
  /^[a-z0-9][a-z0-9._/:-]*:[A-Za-z0-9._-]+(@sha256:[0-9a-f]{64})?$/,
  'an image with its tag, like "docker.io/library/redis:7.2.4"',
);

/** The services whose image is one of the list, each with its name there. */
export const LISTED = {
  postgres: 'timescaledb',
  postgresExporter: 'postgresExporter',
  redis: 'hostRedis',
  redisExporter: 'redisExporter',
  minio: 'minio',
  nginx: 'hostEdge',
  prometheus: 'prometheus',
  grafana: 'grafana',
  jaeger: 'jaeger',
  alertmanager: 'alertmanager',
  nodeExporter: 'nodeExporter',
  cadvisor: 'cadvisor',
} as const satisfies Record<string, ImageName>;

const image = (service: keyof typeof LISTED, from: string) =>
  optional(reference, { means: `Image of ${service}. Left out: \`${LISTED[service]}\` of stacks/images.json.`, from });

export const images = comfort({
  postgres: image('postgres', 'E-TOPO-1, A-IMG-4'),
  postgresExporter: image('postgresExporter', 'E-TOPO-1'),
  redis: image('redis', 'E-TOPO-1, A-IMG-4'),
  redisExporter: image('redisExporter', 'E-TOPO-1'),
  minio: image('minio', 'E-TOPO-1, A-IMG-4'),
  nginx: image('nginx', 'E-TOPO-2'),
  prometheus: image('prometheus', 'E-TOPO-3'),
  grafana: image('grafana', 'E-TOPO-3'),
  jaeger: image('jaeger', 'E-TOPO-3, A-IMG-4'),
  alertmanager: image('alertmanager', 'E-TOPO-3'),
  nodeExporter: image('nodeExporter', 'E-TOPO-3'),
  cadvisor: image('cadvisor', 'E-TOPO-3'),
});

export const network = group({
  apiHost: stated(k.hostName, { means: 'Name under which clients reach the API.', from: 'A-DNS-1' }),
  storageHost: optional(k.hostName, {
    means: 'Name under which clients reach the object store. Left out: they do not.',
    from: 'A-DNS-2, CONF-34',
  }),
  monitoringHost: optional(k.hostName, {
    means: 'Name under which people reach Grafana. Left out: they do not.',
    from: 'A-DNS-3, CONF-34',
  }),
  bind: defaulted(k.ipv4, '0.0.0.0', {
    means:
      'Address of the host that the two ports below are opened at. Docker opens them past the firewall of the host.',
    from: 'A-HOST-6, GAP-4',
  }),
  http: defaulted(k.port, 80, { means: 'Port in the clear.', from: 'CONF-34' }),
  https: defaulted(k.port, 443, { means: 'Port of TLS, where `edge.certificates` is stated.', from: 'CONF-34' }),
});

export const edge = comfort({
  certificates: optional(path, {
    means:
      'Folder on the host with `<host-name>/tls.crt` and `tls.key` for each name, its dots as hyphens, readable for user 101, and `challenges/` for a client of ACME. A renewed certificate counts from the next connection on. Left out: all is in the clear, and without HSTS.',
    from: 'E-TLS-1, A-TLS-1, CONF-32',
  }),
  rateLimit: comfort({
    perSecond: defaulted(k.whole(1, 100_000), 50, {
      means: 'Requests a second that one address may send, over all hosts.',
      from: 'GAP-5, ours',
    }),
    burst: defaulted(k.whole(0, 1_000_000), 100, {
      means: 'Requests at once that are let through beyond that; the rest gets 429.',
      from: 'GAP-5, ours',
    }),
  }),
  maxBody: defaulted(k.size('1Mi', '1Gi'), '10Mi', { means: 'Largest request body to the API.', from: 'GAP-5, ours' }),
  maxUpload: defaulted(k.size('1Mi', '1Ti'), '5Gi', {
    means: 'Largest request body to the object store.',
    from: 'GAP-5, ours',
  }),
  answerWithin: defaulted(k.duration('1s', '1h'), '60s', {
    means: 'How long what answers behind the edge may be silent; 504 after it.',
    from: 'GAP-5, ours',
  }),
});
