import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { Smoke, type SmokeArgs } from '../../../../components/smoke/index.ts';
import { named, planned, podOf } from '../../support/mocks.ts';

const ARGS: SmokeArgs = {
  ...{ namespace: 'shop', partOf: 'shop', version: '1.0.0', subject: pulumi.output('0123456789ab') },
  image: { reference: 'corporate-intel-api:1.0.0', uid: 10001 },
  url: 'http://api:8000',
  user: { name: 'ingest', password: { namespace: 'shop', name: 'migrate-users', key: 'USER_PASSWORD_INGEST' } },
  ...{ companies: 500, rateLimit: 100, bars: { health: 10, list: 50, ticker: 10, concurrent: 100 } },
  ...{ cpu: { request: '50m', limit: '1' }, memory: { request: '64Mi', limit: '128Mi' }, deadline: '3m' },
};

const plan = (change: Partial<SmokeArgs> = {}) => planned(() => new Smoke('smoke', { ...ARGS, ...change }, {}));

test('it is told everything but the password, which it is referred to', async () => {
  const [container] = podOf(named(await plan(), 'smoke-job')).spec.containers as unknown as [
    { args: string[]; env: { name: string; value?: string; valueFrom?: unknown }[] },
  ];
  assert.deepEqual(container.args, ['smoke']);
  const told = Object.fromEntries(container.env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
  assert.deepEqual(told, {
    SMOKE_COMPANIES: '500',
    SMOKE_CONCURRENT_MS: '100',
    SMOKE_HEALTH_MS: '10',
    SMOKE_LIST_MS: '50',
    SMOKE_PASSWORD: { secretKeyRef: { name: 'migrate-users', key: 'USER_PASSWORD_INGEST' } },
    SMOKE_RATE_LIMIT: '100',
    SMOKE_TICKER_MS: '10',
    SMOKE_URL: 'http://api:8000',
    SMOKE_USER: 'ingest',
  });
});

test('its pods carry what they try out, so that another release is tried out anew', async () => {
  const pod = podOf(named(await plan(), 'smoke-job')) as unknown as {
    metadata: { annotations: Record<string, string> };
  };
  assert.equal(pod.metadata.annotations['platform/subject'], '0123456789ab');
});

test('at the edge it asks for the public name, and for a certificate of the stated authority', async () => {
  const edge = { url: 'https://edge:8443', host: 'api.example.com', tls: { secretName: 'edge-tls' } };
  const { containers, volumes } = podOf(named(await plan(edge), 'smoke-job')).spec as unknown as {
    containers: { env: { name: string; value: string }[] }[];
    volumes: { secret: { secretName: string } }[];
  };
  const told = new Map(containers[0]!.env.map(({ name, value }) => [name, value]));
  assert.equal(told.get('SMOKE_HOST'), 'api.example.com');
  assert.equal(told.get('SMOKE_CA_FILE'), '/run/secrets/ca/ca.crt');
  assert.equal(volumes[0]!.secret.secretName, 'edge-tls');
});

test('what cannot work is refused, all of it at once', async () => {
  const password = { ...ARGS.user.password, namespace: 'elsewhere' };
  await assert.rejects(
    plan({ url: 'api:8000', tls: { secretName: 'x' }, user: { name: 'ingest', password } }),
    /tls: found an authority[\s\S]*url: found "api:8000"[\s\S]*user\.password\.namespace: found "elsewhere"/,
  );
});
