import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { policies, type Edge, type Place } from '../../../../components/guard/index.ts';

const places = {
  api: { pods: { app: 'api' } },
  postgres: { pods: { app: 'postgres' } },
  dns: { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } },
  clients: { cidrs: ['192.0.2.0/24', '10.0.0.0/8'] },
} as const satisfies Record<string, Place>;
type Name = keyof typeof places;

const edges: Edge<Name>[] = [
  { from: 'api', to: 'postgres', port: 5432 },
  { from: 'api', to: 'dns', port: 53, protocols: ['UDP', 'TCP'] },
  { from: 'clients', to: 'api', port: 8000 },
];

test('an edge inside the namespace has two halves, each named after it', () => {
  assert.deepEqual(policies(places, [edges[0]!]), [
    {
      name: 'api-to-postgres-5432-egress',
      pods: { app: 'api' },
      direction: 'Egress',
      peers: [{ podSelector: { matchLabels: { app: 'postgres' } } }],
      ports: [{ protocol: 'TCP', port: 5432 }],
    },
    {
      name: 'api-to-postgres-5432-ingress',
      pods: { app: 'postgres' },
      direction: 'Ingress',
      peers: [{ podSelector: { matchLabels: { app: 'api' } } }],
      ports: [{ protocol: 'TCP', port: 5432 }],
    },
  ]);
});

test('an edge to another namespace has our half only, and names namespace and pods together', () => {
  assert.deepEqual(policies(places, [edges[1]!]), [
    {
      name: 'api-to-dns-53-egress',
      pods: { app: 'api' },
      direction: 'Egress',
      peers: [
        {
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        },
      ],
      ports: [
        { protocol: 'TCP', port: 53 },
        { protocol: 'UDP', port: 53 },
      ],
    },
  ]);
});

test('an edge from outside lets in the stated networks only, in a fixed order', () => {
  assert.deepEqual(
    policies(places, [edges[2]!]).map(({ name, peers }) => [name, peers]),
    [['clients-to-api-8000-ingress', [{ ipBlock: { cidr: '10.0.0.0/8' } }, { ipBlock: { cidr: '192.0.2.0/24' } }]]],
  );
});

test('the order in which edges, protocols and networks are stated changes nothing', () => {
  const plain = JSON.stringify(policies(places, edges));
  fc.assert(
    fc.property(fc.shuffledSubarray(edges, { minLength: 3 }), fc.boolean(), (shuffled, turn) => {
      const turned = turn
        ? shuffled.map((edge) => ({ ...edge, protocols: edge.protocols?.toReversed() ?? ['TCP' as const] }))
        : shuffled;
      const clients = { cidrs: turn ? places.clients.cidrs.toReversed() : places.clients.cidrs };
      assert.equal(JSON.stringify(policies({ ...places, clients }, turned)), plain);
    }),
  );
});

test('an edge that names nobody, comes twice or stays outside is refused, and all are told at once', () => {
  const wrong: Edge[] = [
    { from: 'api', to: 'postgre', port: 5432 },
    { from: 'api', to: 'postgres', port: 5432 },
    { from: 'api', to: 'postgres', port: 5432, protocols: ['UDP'] },
    { from: 'clients', to: 'dns', port: 53 },
  ];
  assert.throws(() => policies(places as Record<string, Place>, wrong), {
    message: [
      'the list of edges has 3 problems; nothing of it was made.',
      '  edge api → postgre:5432: found "postgre"; wanted one of api, clients, dns, postgres',
      '  edge api → postgres:5432: found the same edge stated before; wanted each edge once',
      '  edge clients → dns:53: found no end in this namespace; wanted at least one end among its own pods',
    ].join('\n'),
  });
});
