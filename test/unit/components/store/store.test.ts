import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { PlatformComponent } from '../../../../components/core/index.ts';
import { store, type Store, type StoreArgs } from '../../../../components/store/index.ts';
import { named, planned, podOf, type Made } from '../../support/mocks.ts';

class Shelf extends PlatformComponent {
  readonly store: Store;

  constructor(name: string, change: Partial<StoreArgs> = {}) {
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
      secrets: { key: pulumi.secret('key'), values: { password: pulumi.secret('hunter2') } },
      reads: [],
      ...change,
    });
    this.registerOutputs({});
  }
}

type Spec = Record<string, unknown> & {
  selector: Record<string, string>;
  ports: { name: string; port: number }[];
};
const specOf = (made: readonly Made[], name: string): Spec => named(made, name).inputs['spec'] as Spec;
const metadataOf = (made: readonly Made[], name: string) =>
  named(made, name).inputs['metadata'] as { name: string; annotations?: Record<string, string> };
const plan = (change: Partial<StoreArgs> = {}) => planned(() => new Shelf('shelf', change));
const namesOf = (made: readonly Made[]): string[] => made.slice(1).map(({ name }) => name);

test('Service, account and StatefulSet have the store’s own name, so that others find it by that', async () => {
  const made = await plan();
  const objects = ['shelf-account', 'shelf-data-0', 'shelf-members', 'shelf-service', 'shelf-set'];
  assert.deepEqual(namesOf(made), ['shelf-anchor', ...objects].toSorted());
  assert.deepEqual(
    objects.map((name) => metadataOf(made, name).name),
    ['shelf', 'data-shelf-0', 'shelf-members', 'shelf', 'shelf'],
  );
});

test('two stores in one namespace pick their own pods only', async () => {
  const made = await planned(() => [new Shelf('left', { replicas: 3 }), new Shelf('right', { replicas: 3 })]);
  for (const name of ['left', 'right']) {
    const { labels } = podOf(named(made, `${name}-set`)).metadata;
    const picks = [specOf(made, `${name}-service`), specOf(made, `${name}-members`)].map(({ selector }) => selector);
    const budget = (specOf(made, `${name}-budget`).selector as unknown as { matchLabels: Record<string, string> })
      .matchLabels;
    for (const pick of [...picks, budget])
      for (const [key, value] of Object.entries(pick)) assert.equal(labels[key], value);
  }
  assert.notDeepEqual(specOf(made, 'left-service').selector, specOf(made, 'right-service').selector);
});

test('each port is on the pod and on the Service, under one name; those of members are not for clients', async () => {
  const made = await plan({ memberPorts: { gossip: 1236 } });
  const ports = (name: string) => specOf(made, name).ports.map(({ name: port, port: number }) => [port, number]);
  const [main, side, gossip] = [
    ['main', 1234],
    ['side', 1235],
    ['gossip', 1236],
  ];
  assert.deepEqual(ports('shelf-service'), [main, side]);
  assert.deepEqual(ports('shelf-members'), [main, side, gossip]);
  const [container] = podOf(named(made, 'shelf-set')).spec.containers as unknown as [{ ports: unknown }];
  assert.deepEqual(container.ports, [
    { name: 'main', containerPort: 1234 },
    { name: 'side', containerPort: 1235 },
    { name: 'gossip', containerPort: 1236 },
  ]);
});

test('the subject is known as what stands on the pod', async () => {
  let subject: pulumi.Output<string> | undefined;
  const made = await planned(() => (subject = new Shelf('shelf').store.subject));
  const known = await new Promise((resolve) => subject!.apply(resolve));
  assert.equal(known, podOf(named(made, 'shelf-set')).metadata.annotations['platform/subject']);
});

test('members are found by name before they are ready, and each has a claim under the name its set gives it', async () => {
  const made = await plan({ replicas: 3, parallel: true, storage: '2Gi', storageClass: 'fast' });
  const set = specOf(made, 'shelf-set');
  assert.deepEqual([set['serviceName'], set['replicas'], set['podManagementPolicy']], ['shelf-members', 3, 'Parallel']);
  const { clusterIP, publishNotReadyAddresses } = specOf(made, 'shelf-members');
  assert.deepEqual([clusterIP, publishNotReadyAddresses], ['None', true]);
  const [template] = set['volumeClaimTemplates'] as [{ metadata: { name: string }; spec: unknown }];
  for (const member of [0, 1, 2]) {
    const claim = `shelf-data-${member}`;
    assert.equal(metadataOf(made, claim).name, `${template.metadata.name}-shelf-${member}`);
    assert.deepEqual(specOf(made, claim), template.spec);
  }
  assert.deepEqual(template.spec, {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'fast',
    resources: { requests: { storage: '2Gi' } },
  });
});

test('one of several may be away, and they wish to be apart; a lone one has neither budget nor wish', async () => {
  const [lone, several] = [await plan(), await plan({ replicas: 3 })];
  assert.equal(namesOf(lone).includes('shelf-budget'), false);
  assert.equal(specOf(several, 'shelf-budget')['maxUnavailable'], 1);
  const wishes = (made: readonly Made[]) =>
    podOf(named(made, 'shelf-set')).spec as unknown as { affinity?: object; topologySpreadConstraints?: object[] };
  assert.equal(wishes(lone).affinity, undefined);
  assert.match(JSON.stringify(wishes(several).affinity), /preferred.*kubernetes\.io\/hostname/);
  assert.match(
    JSON.stringify(wishes(several).topologySpreadConstraints),
    /topology\.kubernetes\.io\/zone.*ScheduleAnyway/,
  );
});

test('clients may be led to some of the members only, by a Service with annotations of its own', async () => {
  const made = await plan({ replicas: 3, clientSelector: { role: 'leader' }, annotations: { scrape: 'yes' } });
  assert.equal(specOf(made, 'shelf-service').selector['role'], 'leader');
  assert.equal(specOf(made, 'shelf-members').selector['role'], undefined);
  assert.equal(metadataOf(made, 'shelf-service').annotations?.['scrape'], 'yes');
});

test('the pods have a token only where a role says what for, and may do nothing else', async () => {
  const rules = [{ apiGroups: [''], resources: ['endpoints'], verbs: ['get'] }];
  const [without, made] = [await plan(), await plan({ role: rules })];
  assert.equal(podOf(named(without, 'shelf-set')).spec.automountServiceAccountToken, false);
  assert.equal(podOf(named(made, 'shelf-set')).spec.automountServiceAccountToken, true);
  assert.deepEqual(named(made, 'shelf-role').inputs['rules'], rules);
  const binding = named(made, 'shelf-role-binding').inputs as { roleRef: { name: string }; subjects: unknown };
  assert.equal(binding.roleRef.name, 'shelf');
  assert.deepEqual(binding.subjects, [{ kind: 'ServiceAccount', name: 'shelf', namespace: 'shop' }]);
});

test('init containers and sidecars stand around the server, and pull only what is missing', async () => {
  const made = await plan({
    initContainers: [{ name: 'first', image: 'first:1' }],
    sidecars: [{ name: 'exporter', image: 'exporter:1', ports: [{ name: 'metrics', containerPort: 9100 }] }],
  });
  const { initContainers, containers } = podOf(named(made, 'shelf-set')).spec as unknown as Record<
    'initContainers' | 'containers',
    { name: string; imagePullPolicy: string; ports?: unknown[] }[]
  >;
  assert.deepEqual(
    [...initContainers, ...containers].map(({ name }) => name),
    ['first', 'shelf', 'exporter'],
  );
  assert.ok([...initContainers, ...containers].every(({ imagePullPolicy }) => imagePullPolicy === 'IfNotPresent'));
  assert.deepEqual(containers[1]!.ports, [{ name: 'metrics', containerPort: 9100 }]);
});

test('the anchor remembers what decides where the data lie, and nothing that may change', async () => {
  const { inputs } = named(await plan({ fixed: { shards: 3 }, replicas: 3 }), 'shelf-anchor');
  assert.deepEqual(inputs['fixed'], {
    shards: 3,
    namespace: 'shop',
    name: 'shelf',
    podManagementPolicy: 'OrderedReady',
    storageClass: '',
  });
  assert.deepEqual(inputs['growing'], { storage: '1Gi' });
});
