/** What clients come in by: nginx, on the only two ports that the host opens (E-TOPO-2, CONF-34, E-HDR-1..4). */
import type { Resource } from '@pulumi/pulumi';
import { edgeContainer, type Site } from '../../components/edge/docker.ts';
import type { Settings } from '../config/systems/standalone.ts';
import { PROXY, type Application } from './application.ts';
import { sized, type Host, type Running } from './host.ts';

export function front(host: Host, api: Application, after: readonly Resource[]): Running {
  const { settings } = host;
  const { network, edge, nginx } = settings;
  const secure = edge.certificates !== undefined;
  const service = edgeContainer({
    ...{ name: 'nginx', image: host.image('nginx'), ...sized(nginx) },
    ...{ sites: sites(settings, api.rollover.variable), rateLimit: edge.rateLimit, publicHttps: network.https },
    certificates: edge.certificates,
    // Everybody inside finds the live API by the name and the port that A gives it (A-TOPO-3, A-MON-2).
    led: { volume: api.upstreams, inside: [{ port: settings.api.port, variable: api.rollover.variable }] },
  });
  const { bind, http, https } = network;
  return host.run(PROXY, service, {
    networks: ['front', 'watch'],
    aliases: ['api'],
    publish: [{ port: 'http', host: http, bind }, ...(secure ? [{ port: 'https', host: https, bind }] : [])],
    after,
  });
}

/** One entry a host name. The object store signs what it is sent and takes files: nothing of it is held back. */
function sites({ network, edge, api }: Settings, variable: string): Site[] {
  const site = (host: string, service: string, port: number) => ({
    ...{ host, upstream: { service, port, late: true } },
    ...(edge.certificates !== undefined && { tls: { secretName: host.replaceAll('.', '-') } }),
    ...{ maxBody: edge.maxBody, answerWithin: edge.answerWithin, inspected: false, streaming: false },
  });
  return [
    {
      ...site(network.apiHost, 'api', api.port),
      ...{ upstream: { service: 'api', port: api.port, late: true, variable }, cors: { origins: api.corsOrigins } },
    },
    ...(network.storageHost === undefined
      ? []
      : [{ ...site(network.storageHost, 'minio', 9000), maxBody: edge.maxUpload, streaming: true }]),
    ...(network.monitoringHost === undefined
      ? []
      : [{ ...site(network.monitoringHost, 'grafana', 3000), contentSecurityPolicy: GRAFANA_POLICY }]),
  ];
}

/** Grafana's pages hold scripts and styles of their own (GAP-16, ours). */
const GRAFANA_POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-eval' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'";
