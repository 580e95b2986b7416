/** What clients outside reach: the host names (A-DNS-1..3), and what stands before them (D-ING-1..3, E-HDR-1..4). */
import type { Resource } from '@pulumi/pulumi';
import type { Workload } from '../../components/core/index.ts';
import {
  Edge,
  EdgeGateway,
  EdgeIngress,
  type ClientAddress,
  type EdgeExposure,
  type Site as Host,
} from '../../components/edge/index.ts';
import { edgeSides } from '../../components/release/index.ts';
import type * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../config/systems/corporate-intelligence.ts';
import { edgeTls, type Tls } from './certificates.ts';
import type { Site } from './site.ts';

export interface Front {
  /** The names that a certificate has to carry. */
  readonly names: readonly string[];
  /** What has to be there before a challenge can be answered. */
  readonly ready: readonly Resource[];
  /** Its own pods, where it has any. */
  readonly edge?: { readonly workload: Workload; readonly subject: pulumi.Output<string>; readonly port: number };
}

/** @param after what answers behind it: nginx asks for the addresses of these Services when it starts */
export function front(site: Site, after: readonly Resource[]): Front | undefined {
  const { settings, common, provider, images } = site;
  const { kind, waf, rateLimit, ingress, gateway } = settings.edge;
  const sites = hosts(settings, edgeTls(site));
  const names = sites.map(({ host }) => host).toSorted();
  const { namespace, partOf } = common;
  const options = { provider, dependsOn: [...after] };
  switch (kind) {
    case 'none':
      return undefined;
    case 'nginx': {
      const { mode, ...rules } = waf;
      const edge = new Edge(
        'edge',
        {
          ...settings.edge,
          ...{ namespace, partOf, sites, rateLimit },
          image: mode === 'off' ? images.edge : images.edgeFirewall,
          exposure: exposure(settings),
          clientAddress: clientAddress(settings),
          firewall: mode === 'off' ? undefined : { mode, ...rules },
        },
        options,
      );
      // Only a stack that has made the load balancer's maker learns the balancer's name.
      return { names, ready: [edge, ...(site.ground?.lead ? [site.ground.lead(names, edge.hostname)] : [])], edge };
    }
    case 'ingress': {
      const args = { namespace, partOf, sites, ...ingress! };
      return { names, ready: [new EdgeIngress('edge', args, options)] };
    }
    case 'gateway': {
      const { className, name, namespace: home } = gateway!;
      const where =
        className === undefined
          ? ({ kind: 'existing', name: name!, namespace: home! } as const)
          : ({ kind: 'own', className } as const);
      return { names, ready: [new EdgeGateway('edge', { namespace, partOf, sites, gateway: where }, options)] };
    }
  }
}

/** One entry a host. The object store signs what it is sent and takes files: nothing of it is read or held back. */
function hosts({ network, edge, api, certificates }: Settings, tls: Tls | undefined): Host[] {
  const { storageHost, monitoring, maxBody, maxUpload, answerWithin } = edge;
  const common = { tls, maxBody, answerWithin, streaming: false };
  return [
    {
      ...common,
      host: network.apiHost,
      upstream: { service: 'api', port: api.port, ...(edge.kind === 'nginx' && { sides: edgeSides('api') }) },
      cors: { origins: api.corsOrigins },
      inspected: true,
    },
    ...(storageHost === undefined
      ? []
      : [
          {
            ...common,
            host: storageHost,
            upstream: {
              service: 'minio',
              port: 9000,
              ...(certificates.inside && { tls: { secretName: 'minio-tls' } }),
            },
            ...{ inspected: false, streaming: true, maxBody: maxUpload },
          },
        ]),
    ...(monitoring === undefined
      ? []
      : [
          {
            ...common,
            host: monitoring.host,
            upstream: { service: monitoring.service, port: monitoring.port, late: true },
            ...{ inspected: false, contentSecurityPolicy: monitoring.contentSecurityPolicy },
          },
        ]),
  ];
}

function exposure({ addons, edge, network }: Settings): EdgeExposure {
  const { kind, http, https, nlb } = edge.exposure;
  const awaited = addons.loadBalancerController === 'install';
  switch (kind) {
    case 'none':
      return { kind };
    case 'nodePort':
      return { kind, http, https };
    case 'loadBalancer':
      return { kind, clients: network.clients, nlb: nlb === 'off' ? undefined : { scheme: nlb, awaited } };
  }
}

const clientAddress = ({ edge }: Settings): ClientAddress =>
  edge.proxies === undefined ? { from: 'connection' } : { from: edge.proxies.tell, trusted: edge.proxies.trusted };
