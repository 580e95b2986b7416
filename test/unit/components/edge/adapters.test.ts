import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EdgeGateway, EdgeIngress, type EdgeGatewayArgs } from '../../../../components/edge/index.ts';
import { named, planned, type Made } from '../../support/mocks.ts';
import { API, FILES } from './support/settings.ts';

const place = { namespace: 'shop', partOf: 'shop' };
const specOf = (made: readonly Made[], name: string): unknown => named(made, name).inputs['spec'];

test('an Ingress holds hosts, backends and certificates, and the annotations it was given and no others', async () => {
  const annotations = { 'haproxy.org/rate-limit-requests': '50' };
  const made = await planned(
    () => new EdgeIngress('edge', { ...place, className: 'haproxy', sites: [FILES, API], annotations }, {}),
  );
  assert.deepEqual(specOf(made, 'edge-ingress'), {
    ingressClassName: 'haproxy',
    tls: [{ secretName: 'edge-tls', hosts: ['api.example.com'] }],
    rules: [
      ['api.example.com', 'api', 8000],
      ['files.example.com', 'minio', 9000],
    ].map(([host, name, number]) => ({
      host,
      http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number } } } }] },
    })),
  });
  const { metadata } = named(made, 'edge-ingress').inputs as { metadata: { annotations: Record<string, string> } };
  assert.deepEqual(metadata.annotations, { 'pulumi.com/skipAwait': 'true', ...annotations });
});

const gateway = (args: EdgeGatewayArgs['gateway']) =>
  planned(() => new EdgeGateway('edge', { ...place, gateway: args, sites: [API, FILES] }, {}));

test('routes carry E’s headers, HSTS only where there is TLS, and lead plain HTTP to it', async () => {
  const made = await gateway({ kind: 'existing', name: 'shared', namespace: 'infra' });
  const secure = specOf(made, 'edge-httproute-edge-api-example-com') as {
    parentRefs: unknown;
    rules: [
      { filters: [{ responseHeaderModifier: { set: { name: string; value: string }[] } }]; backendRefs: unknown },
    ];
  };
  assert.deepEqual(secure.parentRefs, [{ name: 'shared', namespace: 'infra', sectionName: 'https-api-example-com' }]);
  assert.deepEqual(secure.rules[0].backendRefs, [{ name: 'api', port: 8000 }]);
  const headers = (spec: unknown) =>
    Object.fromEntries(
      (spec as typeof secure).rules[0].filters[0].responseHeaderModifier.set.map(({ name, value }) => [name, value]),
    );
  assert.deepEqual(headers(secure), {
    'Strict-Transport-Security': 'max-age=31536000',
    'X-Frame-Options': 'DENY',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'self'",
  });
  assert.ok(!('Strict-Transport-Security' in headers(specOf(made, 'edge-httproute-edge-files-example-com'))));
  assert.deepEqual(specOf(made, 'edge-httproute-edge-to-tls-api-example-com'), {
    hostnames: ['api.example.com'],
    parentRefs: [{ name: 'shared', namespace: 'infra', sectionName: 'http-api-example-com' }],
    rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
  });
  assert.ok(!made.some(({ name }) => name.includes('to-tls-files') || name.startsWith('edge-gateway')));
});

test('a Gateway of our own has a listener for each host and scheme, and its routes hang on it', async () => {
  const made = await gateway({ kind: 'own', className: 'envoy' });
  assert.deepEqual(specOf(made, 'edge-gateway-edge'), {
    gatewayClassName: 'envoy',
    listeners: [
      { name: 'http-api-example-com', hostname: 'api.example.com', port: 80, protocol: 'HTTP' },
      {
        ...{ name: 'https-api-example-com', hostname: 'api.example.com', port: 443, protocol: 'HTTPS' },
        tls: { mode: 'Terminate', certificateRefs: [{ name: 'edge-tls' }] },
      },
      { name: 'http-files-example-com', hostname: 'files.example.com', port: 80, protocol: 'HTTP' },
    ],
  });
  const { parentRefs } = specOf(made, 'edge-httproute-edge-files-example-com') as { parentRefs: unknown };
  assert.deepEqual(parentRefs, [{ name: 'edge', sectionName: 'http-files-example-com' }]);
});
