import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReleasedArgs } from '../../../../components/release/index.ts';
import { named } from '../../support/mocks.ts';
import { ARGS, inputsOf, picked, plan } from './support/released.ts';

describe('a workload that stands alone', () => {
  const ALONE = {
    alone: true,
    way: { strategy: 'rolling' },
    picked: { app: 'web' },
    marks: { environment: 'staging' },
  };
  const alone = (change: Partial<ReleasedArgs> = {}) =>
    plan({ ...(ALONE as Partial<ReleasedArgs>), pods: { ...ARGS.pods, labels: { ...picked, app: 'web' } }, ...change });

  test('has one Deployment under its own name, which is picked by what its owner says and by no side', async () => {
    const made = await alone();
    const deployments = made.filter(({ type }) => type === 'kubernetes:apps/v1:Deployment');
    assert.deepEqual(
      deployments.map(({ inputs }) => (inputs['metadata'] as { name: string }).name),
      ['web', 'web-runner'],
    );
    const { spec, metadata } = named(made, 'web-deployment').inputs as any;
    assert.deepEqual([spec.selector.matchLabels, metadata.labels.environment], [{ app: 'web' }, 'staging']);
    assert.deepEqual((named(made, 'web-service').inputs['spec'] as any).selector, { app: 'web' });
  });

  test('its runner is told so, and may change this Deployment and no other', async () => {
    const made = await alone();
    assert.deepEqual(inputsOf(made).traffic, { driver: 'service', alone: true });
    const rules = named(made, 'web-runner-role').inputs['rules'] as any[];
    assert.deepEqual(rules.find(({ resources }) => resources[0] === 'deployments').resourceNames, ['web']);
  });

  test('its Service is exposed as its owner says, and keeps its port and whom it picks', async () => {
    const exposed = { annotations: { here: 'yes' }, spec: { type: 'LoadBalancer' } };
    const { metadata, spec } = named(await alone({ exposed }), 'web-service').inputs as any;
    assert.deepEqual([metadata.annotations.here, spec.type, spec.ports], ['yes', 'LoadBalancer', [ARGS.port]]);
  });

  for (const strategy of ['blueGreen', 'canary'] as const) {
    test(`is refused the strategy ${strategy}, which needs a second side`, async () => {
      await assert.rejects(alone({ way: { strategy, window: '40s' } }), /way: found .*; wanted "rolling" by "service"/);
    });
  }
});
