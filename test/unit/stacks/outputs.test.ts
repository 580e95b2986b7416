import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { CHECKOUT } from '../../../infra/sandbox/host/paths.ts';
import { composed, local } from './support/compose.ts';
import { changed, groupsOf } from './support/raw.ts';

const valueOf = <T>(value: T): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve) => pulumi.output(value).apply(resolve as never));

/** Names and types of the contract, without its values: what other teams' programs rely on. */
const shape = (value: unknown): unknown =>
  value !== null && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
    : value === null
      ? 'null'
      : typeof value;

test('the contract is what test/golden/outputs.json says; a change of it needs another contractVersion', async () => {
  const { outputs } = await composed(groupsOf('staging'));
  const { gates: _gates, ...stated } = outputs;
  const golden = JSON.parse(readFileSync(join(CHECKOUT, 'test/golden/outputs.json'), 'utf8')) as unknown;
  assert.deepEqual({ contractVersion: outputs.contractVersion, shape: shape(await valueOf(stated)) }, golden);
});

test('what staging publishes is A’s: addresses, version, buckets', async () => {
  const { outputs } = await composed(groupsOf('staging'));
  assert.equal(outputs.environment, 'staging');
  assert.deepEqual(outputs.endpoints.api, {
    host: 'staging-api.corporate-intel.example.com',
    port: 443,
    url: 'https://staging-api.corporate-intel.example.com:443',
  });
  assert.deepEqual(outputs.running, {
    version: '1.0.0',
    image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/corporate-intel-api:1.0.0',
  });
  assert.deepEqual(outputs.buckets, { documents: 'staging-documents', reports: 'staging-reports' });
});

test('an API that nobody outside may reach has no outside address', async () => {
  const { outputs } = await composed(changed(local(), 'api.exposure.kind', 'none'));
  assert.equal(outputs.endpoints.api, null);
});

test('no output is a secret, and secrets are named by where they stand', async () => {
  const { outputs } = await composed(local());
  assert.equal(await pulumi.isSecret(pulumi.output(outputs)), false);
  assert.deepEqual(outputs.secrets.postgresPassword, {
    namespace: 'corporate-intel',
    name: 'postgres-auth',
    key: 'password',
  });
  assert.doesNotMatch(JSON.stringify(await valueOf(outputs)), /generated-/);
});

test('every gate of the stack is in the outputs, by its name', async () => {
  const { made, outputs } = await composed(local());
  const gates = made.filter(({ type }) => type.startsWith('pulumi-nodejs:dynamic/gates:'));
  assert.equal(Object.keys(outputs.gates).length, gates.length);
  assert.deepEqual(Object.keys(outputs.gates), Object.keys(outputs.gates).toSorted());
});
