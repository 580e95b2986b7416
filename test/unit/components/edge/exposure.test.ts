import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exposed, publicHttps, type EdgeExposure } from '../../../../components/edge/exposure.ts';

const OUTSIDE: readonly EdgeExposure[] = [
  { kind: 'nodePort', http: 30081, https: 30443 },
  { kind: 'loadBalancer', clients: ['10.0.0.0/8', '0.0.0.0/0'] },
];

test('from outside, the client keeps its address and stays with one pod', () => {
  for (const exposure of OUTSIDE) {
    const { spec } = exposed(exposure, true, false);
    assert.equal('externalTrafficPolicy' in spec && spec.externalTrafficPolicy, 'Local', exposure.kind);
    assert.equal(spec.sessionAffinity, 'ClientIP', exposure.kind);
  }
});

test('ports: 80 always, 443 only where something speaks TLS, node ports where they are stated', () => {
  const ports = (exposure: EdgeExposure, secure: boolean) => exposed(exposure, secure, false).spec.ports;
  assert.deepEqual(ports(OUTSIDE[0]!, true), [
    { name: 'http', port: 80, targetPort: 'http', nodePort: 30081 },
    { name: 'https', port: 443, targetPort: 'https', nodePort: 30443 },
  ]);
  assert.deepEqual(ports({ kind: 'none' }, false), [{ name: 'http', port: 80, targetPort: 'http' }]);
  assert.deepEqual([publicHttps(OUTSIDE[0]!), publicHttps(OUTSIDE[1]!)], [30443, 443]);
});

test('a load balancer lets in the stated clients only, in one order', () => {
  const { spec, annotations } = exposed(OUTSIDE[1]!, true, false);
  assert.deepEqual('loadBalancerSourceRanges' in spec && spec.loadBalancerSourceRanges, ['0.0.0.0/0', '10.0.0.0/8']);
  assert.deepEqual(annotations, {});
});

test('AWS: a balancer of connections that keeps the address one way or the other, and asks the pods how they are', () => {
  const nlb = { scheme: 'internal' } as const;
  const of = (proxyProtocol: boolean) => {
    const { annotations } = exposed({ kind: 'loadBalancer', clients: ['10.0.0.0/8'], nlb }, true, proxyProtocol);
    return (name: string) =>
      (annotations as Record<string, string>)[`service.beta.kubernetes.io/aws-load-balancer-${name}`];
  };
  assert.deepEqual(
    [of(false)('scheme'), of(false)('type'), of(false)('healthcheck-path')],
    ['internal', 'external', '/healthz'],
  );
  // At the port in the clear for both of its own: what asks without TLS at the other is answered 400.
  assert.deepEqual([of(false)('healthcheck-port'), of(false)('healthcheck-protocol')], ['8080', 'http']);
  assert.match(of(false)('target-group-attributes')!, /preserve_client_ip\.enabled=true/);
  assert.match(of(false)('target-group-attributes')!, /stickiness\.type=source_ip/);
  assert.equal(of(false)('proxy-protocol'), undefined);
  assert.match(of(true)('target-group-attributes')!, /preserve_client_ip\.enabled=false/);
  assert.equal(of(true)('proxy-protocol'), '*');
});

test('a load balancer that is awaited says for what: the name that it has, whatever pods it leads to', () => {
  const nlb = { scheme: 'internal', awaited: true } as const;
  const { annotations } = exposed({ kind: 'loadBalancer', clients: ['10.0.0.0/8'], nlb }, true, false);
  const { 'pulumi.com/waitFor': waits } = annotations as Record<string, string>;
  assert.equal(waits, 'jsonpath={.status.loadBalancer.ingress[0].hostname}');
});
