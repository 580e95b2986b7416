/** Random worlds, small enough that policies often meet pods, with every field of the API that decides something. */
import fc from 'fast-check';
import type {
  Namespace,
  NetworkPolicy,
  Pod,
  PolicyPeer,
  PolicyPort,
  Selector,
  World,
} from '../../../../../../infra/sandbox/enforcer/objects.ts';

export const RANGE = '10.201.0.0/24';

/** Addresses that no pod has: the node, the internet, a network's edges. */
export const OUTSIDE = ['10.199.1.1', '192.0.2.7', '10.201.1.0', '255.255.255.255'];

const SPACES = ['one', 'two'];
const keys = fc.constantFrom('app', 'tier');
const values = fc.constantFrom('a', 'b', '');
const labels = fc.dictionary(keys, values, { maxKeys: 2 });

const expression = fc.oneof(
  fc.record({
    key: keys,
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(values, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: keys, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
const selector: fc.Arbitrary<Selector> = fc.record(
  { matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 2 }) },
  { requiredKeys: [] },
);

export const PORTS = [80, 81, 8080];
const names = fc.constantFrom('http', 'admin');
const protocols = fc.constantFrom('TCP', 'UDP', 'SCTP');
const port: fc.Arbitrary<PolicyPort> = fc.oneof(
  fc.record({ protocol: protocols, port: fc.constantFrom(...PORTS) }, { requiredKeys: ['port'] }),
  fc.record({ protocol: protocols, port: names }, { requiredKeys: ['port'] }),
  fc.record({ port: fc.constantFrom(80, 81), endPort: fc.constantFrom(81, 8080) }),
  fc.record({ protocol: protocols }, { requiredKeys: [] }),
);

const cidr = fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '10.201.0.0/24', '10.201.0.0/29', '10.201.0.3/32');
const hole = fc.constantFrom('10.201.0.0/25', '10.201.0.0/30', '10.201.0.2/31', '10.201.0.5/32', '192.0.2.0/24');
const peer: fc.Arbitrary<PolicyPeer> = fc.oneof(
  fc.record({ ipBlock: fc.record({ cidr, except: fc.array(hole, { maxLength: 3 }) }, { requiredKeys: ['cidr'] }) }),
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ podSelector: selector, namespaceSelector: selector }),
);

const few = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 2 });
const policySpec = fc.record(
  {
    podSelector: selector,
    policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress'], []),
    ingress: few(fc.record({ from: few(peer), ports: few(port) }, { requiredKeys: [] })),
    egress: few(fc.record({ to: few(peer), ports: few(port) }, { requiredKeys: [] })),
  },
  { requiredKeys: ['podSelector'] },
);

const container = fc.record({
  restartPolicy: fc.constantFrom('Always', 'Never'),
  ports: few(fc.record({ name: names, protocol: protocols, containerPort: fc.constantFrom(...PORTS) })),
});

const pods: fc.Arbitrary<Pod[]> = fc
  .array(
    fc.record({
      namespace: fc.constantFrom(...SPACES),
      labels,
      containers: fc.array(container, { minLength: 1, maxLength: 2 }),
      initContainers: fc.array(container, { maxLength: 1 }),
    }),
    { minLength: 2, maxLength: 6 },
  )
  .map((made) =>
    made.map(({ namespace, labels: own, containers, initContainers }, at) => ({
      metadata: { namespace, name: `pod-${at}`, labels: own },
      spec: { containers, initContainers },
      status: { podIP: `10.201.0.${at + 1}`, phase: 'Running' },
    })),
  );

const namespaces: fc.Arbitrary<Namespace[]> = fc
  .tuple(...SPACES.map(() => labels))
  .map((each) => SPACES.map((name, at) => ({ metadata: { name, labels: each[at]! } })));

const policies: fc.Arbitrary<NetworkPolicy[]> = fc
  .array(fc.record({ namespace: fc.constantFrom(...SPACES), spec: policySpec }), {
    minLength: 2,
    maxLength: 8,
    size: 'max',
  })
  .map((made) => made.map(({ namespace, spec }, at) => ({ metadata: { namespace, name: `policy-${at}` }, spec })));

export const worlds: fc.Arbitrary<World> = fc.record({ pods, namespaces, policies });
