import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, InputRefused } from '../../../../../components/core/index.ts';
import { parse } from '../../../../../stacks/config/load.ts';
import { changed, groupsOf, rawOf, type Groups } from '../../support/raw.ts';

const staging = groupsOf('staging');

/** What is said about a configuration with these settings changed. */
function said(changes: Readonly<Record<string, unknown>>): string[] {
  const groups = Object.entries(changes).reduce<Groups>((all, [path, value]) => changed(all, path, value), staging);
  try {
    parse(rawOf(groups), 'staging');
    return [];
  } catch (error) {
    if (!(error instanceof InputRefused)) throw error;
    return error.problems.map(explain);
  }
}

const CONTROLLER = { namespace: 'ingress', pods: { app: 'controller' } };

test('an adapter needs its class and the pods that forward; with them it is accepted', () => {
  assert.deepEqual(said({ 'edge.kind': 'ingress' }), [
    'edge.controller: found nothing; wanted the pods that forward, because edge.kind is "ingress" and the fence would keep them out',
    'edge.ingress: found nothing; wanted a class, because edge.kind is "ingress"',
  ]);
  assert.deepEqual(
    said({ 'edge.kind': 'ingress', 'edge.ingress': { className: 'haproxy' }, 'edge.controller': CONTROLLER }),
    [],
  );
  const gateway = (group: object) =>
    said({ 'edge.kind': 'gateway', 'edge.gateway': group, 'edge.controller': CONTROLLER });
  assert.deepEqual(gateway({ className: 'envoy' }), []);
  assert.deepEqual(gateway({ name: 'shared', namespace: 'infra' }), []);
  assert.match(gateway({}).join(), /found neither a className nor a name/);
  assert.match(gateway({ name: 'shared' }).join(), /edge\.gateway\.namespace: found nothing/);
  assert.match(gateway({ className: 'envoy', name: 'shared', namespace: 'infra' }).join(), /found both/);
});

test('there is one way in: the API is not exposed beside the edge', () => {
  assert.match(said({ 'api.exposure.kind': 'loadBalancer' }).join(), /api\.exposure\.kind: .*go past the edge/);
});

test('node ports lie where nodes have them, and apart', () => {
  const ports = (http: number, https: number) => said({ 'edge.exposure': { kind: 'nodePort', http, https } });
  assert.deepEqual(ports(30081, 30443), []);
  assert.match(ports(80, 30443).join(), /edge\.exposure\.http: found 80/);
  assert.match(ports(30081, 30081).join(), /another port than edge\.exposure\.http/);
});

test('hosts are three different ones, a request is at most a limit, and a certificate needs somebody to serve it', () => {
  const { apiHost } = staging['network'] as { apiHost: string };
  assert.match(said({ 'edge.storageHost': apiHost }).join(), /wanted another host for each/);
  assert.match(said({ 'edge.cpu': { request: '2', limit: '1' } }).join(), /edge\.cpu\.request: found "2"/);
  assert.match(said({ 'edge.kind': 'none' }).join(), /certificates\.edge: found "acme"/);
});
