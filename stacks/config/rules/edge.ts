/** The edge: its parts fit each other, and what is stated is used. */
import type { Problems } from '../../../components/core/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';
import { requireOrder } from './order.ts';

export function checkEdge({ edge, api, network, certificates }: Settings, problems: Problems): void {
  const { kind, exposure, ingress, gateway } = edge;
  requireOrder('edge.cpu', edge.cpu, problems);
  for (const port of ['http', 'https'] as const) {
    problems.require(exposure.kind !== 'nodePort' || (exposure[port] >= 30000 && exposure[port] <= 32767), {
      where: `edge.exposure.${port}`,
      found: `${exposure[port]}`,
      wanted: 'a port from 30000 to 32767 while edge.exposure.kind is "nodePort"',
    });
  }
  problems.require(exposure.http !== exposure.https, {
    where: 'edge.exposure.https',
    found: `${exposure.https}`,
    wanted: 'another port than edge.exposure.http',
  });
  problems.require(kind !== 'ingress' || ingress !== undefined, {
    where: 'edge.ingress',
    found: 'nothing',
    wanted: 'a class, because edge.kind is "ingress"',
  });
  problems.require(kind !== 'gateway' || (gateway?.className === undefined) !== (gateway?.name === undefined), {
    where: 'edge.gateway',
    found: gateway?.name === undefined ? 'neither a className nor a name' : 'both a className and a name',
    wanted: 'one of them, because edge.kind is "gateway"',
  });
  problems.require(gateway?.name === undefined || gateway.namespace !== undefined, {
    where: 'edge.gateway.namespace',
    found: 'nothing',
    wanted: 'the namespace of edge.gateway.name',
  });
  problems.require((kind !== 'ingress' && kind !== 'gateway') || edge.controller !== undefined, {
    where: 'edge.controller',
    found: 'nothing',
    wanted: `the pods that forward, because edge.kind is "${kind}" and the fence would keep them out`,
  });
  problems.require(certificates.edge === 'none' || kind !== 'none', {
    where: 'certificates.edge',
    found: `"${certificates.edge}"`,
    wanted: '"none" while edge.kind is "none": nobody would serve the certificate',
  });
  problems.require(kind === 'none' || api.exposure.kind === 'none', {
    where: 'api.exposure.kind',
    found: `"${api.exposure.kind}"`,
    wanted: `"none" while edge.kind is "${kind}": a second way in would go past the edge`,
  });
  const hosts = [network.apiHost, edge.storageHost, edge.monitoring?.host].filter((host) => host !== undefined);
  problems.require(new Set(hosts).size === hosts.length, {
    where: 'edge',
    found: hosts.join(', '),
    wanted: 'another host for each of network.apiHost, edge.storageHost and edge.monitoring.host',
  });
}
