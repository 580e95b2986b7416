import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatesIn, kindOf, verify, type ExportedState } from '../../../../components/gates/index.ts';

const gate = (name: string, over: object = {}) => ({
  type: 'pulumi-nodejs:dynamic/gates:HttpGate',
  inputs: { name, kind: 'HttpGate' },
  ...over,
});

test('the gates of a state come by name, without what is no gate or waits to be deleted', () => {
  const state: ExportedState = {
    deployment: {
      resources: [
        gate('web'),
        { type: 'pulumi:pulumi:Stack' },
        { type: 'pulumi-nodejs:dynamic/minio:Bucket', inputs: { name: 'reports' } },
        gate('api'),
        gate('old', { delete: true }),
      ],
    },
  };
  assert.deepEqual(
    gatesIn(state).map(({ inputs }) => inputs.name),
    ['api', 'web'],
  );
  assert.deepEqual(gatesIn({ deployment: {} }), []);
});

test('only types of gates have a kind', async () => {
  assert.equal(kindOf('pulumi-nodejs:dynamic/gates:RestartGate'), 'RestartGate');
  assert.equal(kindOf('pulumi-nodejs:dynamic/gates:toString'), undefined);
  assert.equal(kindOf('pulumi-nodejs:dynamic/minio:Bucket'), undefined);
  await assert.rejects(
    verify('pulumi-nodejs:dynamic/minio:Bucket', gatesIn({ deployment: { resources: [gate('a')] } })[0]!.inputs),
    {
      message: 'pulumi-nodejs:dynamic/minio:Bucket is not a gate',
    },
  );
});
