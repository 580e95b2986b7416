/** Six pods in two namespaces, and sets of policies that between them use every field that decides something. */
import type { V1NetworkPolicy, V1NetworkPolicySpec } from '@kubernetes/client-node';
import { policy } from './cluster.ts';

export const SPACES = ['network-test-x', 'network-test-y'] as const;
const [X, Y] = SPACES;
const TIERS: Readonly<Record<string, string>> = { a: 'front', b: 'api', c: 'db' };
export const NAMES = Object.keys(TIERS);
export const PORTS = [8000, 8001, 8002];

export const spaceLabels = (space: string): Record<string, string> => ({ team: space.at(-1)! });
export const podLabels = (name: string): Record<string, string> => ({ pod: name, tier: TIERS[name]! });

/** Pod b has two names the other way round: what a named port means is the receiving pod's affair. */
export function portName(name: string, port: number, protocol: 'TCP' | 'UDP'): string {
  if (protocol === 'UDP') return port === 8000 ? 'datagrams' : '';
  if (port === 8002) return 'more';
  return (port === 8000) === (name !== 'b') ? 'http' : 'admin';
}

export const declaredPorts = (name: string) =>
  (['TCP', 'UDP'] as const).flatMap((protocol) =>
    PORTS.filter((port) => portName(name, port, protocol)).map((containerPort) => ({
      ...{ name: portName(name, containerPort, protocol), containerPort, protocol },
    })),
  );

const pods = (name: string) => ({ podSelector: { matchLabels: { pod: name } } });
const team = (name: string) => ({ namespaceSelector: { matchLabels: { team: name } } });
const block = (cidr: string, ...except: string[]) => ({ ipBlock: { cidr, except } });

/** Every policy with its types spelled out, which cyclonus wants. */
function policies(space: string, ...specs: V1NetworkPolicySpec[]): V1NetworkPolicy[] {
  return specs.map((spec, at) => {
    const policyTypes = spec.policyTypes ?? [...(spec.egress ? ['Egress'] : []), ...(spec.ingress ? ['Ingress'] : [])];
    return policy(space, `${space}-${at}`, { ...spec, policyTypes });
  });
}

const denyAll = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };

/** @param ip the address of a pod, by namespace and name */
export const scenarios = (ip: (space: string, name: string) => string): Record<string, V1NetworkPolicy[]> => ({
  'no policy': [],
  'deny all in one namespace': policies(X, denyAll),
  'one edge, both halves': policies(
    X,
    denyAll,
    { ...pods('b'), ingress: [{ _from: [pods('a')], ports: [{ port: 8000 }] }] },
    { ...pods('a'), egress: [{ to: [pods('b')], ports: [{ port: 8000 }] }] },
  ),
  'half an edge': policies(X, denyAll, { ...pods('b'), ingress: [{ _from: [pods('a')], ports: [{ port: 8000 }] }] }),
  'across namespaces': [
    ...policies(X, { podSelector: {}, ingress: [{ _from: [{ ...team('y'), ...pods('a') }] }] }),
    ...policies(Y, { ...pods('b'), egress: [{ to: [team('x')], ports: [{ port: 8001 }, { port: 8002 }] }] }),
  ],
  'blocks with exceptions': [
    ...policies(X, {
      ...pods('c'),
      ingress: [{ _from: [block('10.0.0.0/8', `${ip(Y, 'b')}/32`, `${ip(X, 'a')}/32`)] }],
    }),
    ...policies(Y, {
      ...pods('c'),
      egress: [{ to: [block(`${ip(X, 'b')}/32`)], ports: [{ port: 8002 }] }, { to: [pods('a')] }],
    }),
  ],
  'named ports and ranges': [
    ...policies(X, {
      podSelector: {},
      ingress: [{ ports: [{ port: 'http' }, { port: 'datagrams', protocol: 'UDP' }] }],
    }),
    ...policies(
      Y,
      { ...pods('a'), ingress: [{ ports: [{ port: 8001, endPort: 8002 }] }] },
      { ...pods('c'), egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 'admin' }] }] },
    ),
  ],
  'expressions, and policies that add up': [
    ...policies(
      X,
      {
        podSelector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['api', 'db'] }] },
        ingress: [
          {
            _from: [
              {
                podSelector: {
                  matchExpressions: [
                    { key: 'tier', operator: 'NotIn', values: ['db'] },
                    { key: 'pod', operator: 'Exists' },
                  ],
                },
              },
            ],
          },
        ],
      },
      {
        ...pods('c'),
        ingress: [
          {
            _from: [{ namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['x'] }] } }],
            ports: [{ port: 8002 }],
          },
        ],
      },
    ),
    ...policies(Y, { ...pods('c'), ingress: [{}] }),
  ],
  'protocols apart': [
    ...policies(X, { ...pods('a'), ingress: [{ ports: [{ protocol: 'UDP' }] }] }),
    ...policies(
      Y,
      { ...pods('a'), egress: [{ ports: [{ protocol: 'UDP', port: 8001 }, { port: 8000 }] }] },
      { ...pods('b'), ingress: [{ ports: [{ protocol: 'TCP' }, { protocol: 'UDP', port: 8002 }] }] },
    ),
  ],
});
