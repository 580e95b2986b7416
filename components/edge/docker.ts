/** nginx as one container: the same configuration as the pods', on names of the host's network (E-TOPO-2, E-HDR-1..4). */
import type * as pulumi from '@pulumi/pulumi';
import type { Contained } from '../container/index.ts';
import type { ServiceFacts } from '../core/index.ts';
import { isSecure, nginxConf } from './nginx.ts';
import { FOLDERS, PORTS } from './place.ts';
import { checkSites, type RateLimit, type Site } from './settings.ts';

export { PORTS as EDGE_PORTS } from './place.ts';
export type { RateLimit, Site } from './settings.ts';

/** Docker's own DNS, as every container of a network of one's own finds it. */
const RESOLVER = '127.0.0.11';

/** Where nginx looks by itself: whoever reloads it names no file. */
const FILE = '/etc/nginx/nginx.conf';
/** Where the rollovers' files are mounted. */
const UPSTREAMS = '/run/upstreams';

export interface EdgeService extends Pick<ServiceFacts, 'name' | 'image' | 'cpu' | 'memory'> {
  /** Names are looked up at each request (`late`): a container that is replaced has another address. */
  readonly sites: readonly Site[];
  readonly rateLimit: RateLimit;
  /** The host's port of TLS, where redirects lead. */
  readonly publicHttps: number;
  /** Who leads it to which container: the volume with their files, and their variables by the ports they are found at inside. */
  readonly led: {
    readonly volume: pulumi.Input<string>;
    readonly inside: readonly { readonly port: number; readonly variable: string }[];
  };
  /** The host's folder with a folder for each certificate, and `challenges/` for a client of ACME. */
  readonly certificates?: string | undefined;
}

export function edgeContainer({ sites, rateLimit, publicHttps, certificates, led, ...own }: EdgeService): Contained {
  checkSites(sites);
  const conf = nginxConf({
    ...{ namespace: undefined, resolver: RESOLVER, clientAddress: { from: 'connection' } },
    ...{ sites, rateLimit, publicHttps, cores: own.cpu.limit },
    led: { folder: UPSTREAMS, inside: led.inside },
  });
  const { split: _split, https, ...plain } = PORTS;
  return {
    facts: {
      ...own,
      // Past the image's own start, which would write a configuration of its own.
      entrypoint: ['nginx'],
      command: ['-e', '/dev/stderr', '-g', 'daemon off;'],
      ports: {
        ...plain,
        ...(isSecure(sites) && { https }),
        ...Object.fromEntries(led.inside.map(({ port, variable }) => [variable, port])),
      },
      health: {
        command: ['curl', '-fsS', '-o', '/dev/null', `http://127.0.0.1:${PORTS.health}/healthz`],
        interval: '5s',
      },
      scratch: { '/tmp': '256Mi' },
      stopGrace: '35s',
    },
    files: { [FILE]: { content: conf } },
    volumes: { [UPSTREAMS]: { volume: led.volume, readOnly: true } },
    ...(certificates !== undefined && { binds: [{ folder: certificates, at: FOLDERS.certificates }] }),
  };
}
