import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { PlatformComponent } from '../../../../components/core/index.ts';
import { store, type Store } from '../../../../components/store/index.ts';
import { named, planned, podOf } from '../../support/mocks.ts';

class Shelf extends PlatformComponent {
  readonly store: Store;

  constructor(name: string, key = 'key') {
    super('platform:data:Shelf', name, {}, {});
    this.store = store(this, name, {
      namespace: 'shop',
      identity: { component: 'shelf', instance: name, partOf: 'shop' },
      uid: 42,
      ports: { main: 1234, side: 1235 },
      container: { name: 'shelf', image: 'shelf:1' },
      volumes: [],
      grace: 30,
      storage: '1Gi',
      startDeadline: '90s',
      secrets: { key: pulumi.secret(key), values: { password: pulumi.secret('hunter2') } },
      reads: [],
    });
    this.registerOutputs({});
  }
}

test('Service, account and StatefulSet have the store’s own name, so that others find it by that', async () => {
  const made = await planned(() => new Shelf('shelf'));
  assert.deepEqual(
    made.slice(1).map(({ name, inputs }) => [name, (inputs['metadata'] as { name: string }).name]),
    [
      ['shelf-account', 'shelf'],
      ['shelf-service', 'shelf'],
      ['shelf-set', 'shelf'],
    ],
  );
});

test('two stores in one namespace pick their own pods only', async () => {
  const made = await planned(() => [new Shelf('left'), new Shelf('right')]);
  const picks = (name: string) => (named(made, `${name}-service`).inputs['spec'] as { selector: object }).selector;
  for (const name of ['left', 'right']) {
    const { labels } = podOf(named(made, `${name}-set`)).metadata;
    for (const [key, value] of Object.entries(picks(name))) assert.equal(labels[key], value);
  }
  assert.notDeepEqual(picks('left'), picks('right'));
});

test('each port is on the pod and on the Service, under one name', async () => {
  const made = await planned(() => new Shelf('shelf'));
  assert.deepEqual((named(made, 'shelf-service').inputs['spec'] as { ports: unknown }).ports, [
    { name: 'main', port: 1234, targetPort: 'main' },
    { name: 'side', port: 1235, targetPort: 'side' },
  ]);
  const [container] = podOf(named(made, 'shelf-set')).spec.containers as unknown as [{ ports: unknown }];
  assert.deepEqual(container.ports, [
    { name: 'main', containerPort: 1234 },
    { name: 'side', containerPort: 1235 },
  ]);
});

test('the subject is known as what stands on the pod', async () => {
  let subject: pulumi.Output<string> | undefined;
  const made = await planned(() => (subject = new Shelf('shelf').store.subject));
  const known = await new Promise((resolve) => subject!.apply(resolve));
  assert.equal(known, podOf(named(made, 'shelf-set')).metadata.annotations['platform/subject']);
});
