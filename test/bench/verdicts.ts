/**
 * How the enforcer stands against cyclonus on policies that nobody chose: random sets, every connection between six pods
 * tried for real. The seed is printed and can be given, so that a disagreement can be looked at again.
 *
 *   node test/bench/verdicts.ts [SETS] [SEED]      wants a running sandbox; writes .out/bench/verdicts.json
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1LabelSelector, V1NetworkPolicy, V1NetworkPolicySpec } from '@kubernetes/client-node';
import fc from 'fast-check';
import { CHECKOUT, STATE } from '../../infra/sandbox/host/paths.ts';
import { say } from '../../infra/sandbox/host/progress.ts';

const file = process.env.PLATFORM_E2E ?? join(STATE, 'platform.json');
if (!existsSync(file)) {
  say(`${file} is not there: the verdicts are taken on a running sandbox. Start one with \`make up\`.`);
  process.exit(1);
}
const { policy } = await import('../e2e/support/network/cluster.ts');
const { Matrix } = await import('../e2e/support/network/matrix.ts');
const { NAMES, SPACES } = await import('../e2e/support/network/scenarios.ts');

const names = fc.constantFrom(...NAMES);
/** Cyclonus 0.5.6 says that `NotIn` passes over a label that is not there; to the API server's own selectors it matches. */
const expression = fc.oneof(
  fc.record({
    key: fc.constantFrom('pod', 'tier', 'absent'),
    operator: fc.constant('In'),
    values: fc.uniqueArray(fc.constantFrom('a', 'b', 'api', 'db'), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    key: fc.constantFrom('pod', 'tier'),
    operator: fc.constant('NotIn'),
    values: fc.uniqueArray(fc.constantFrom('a', 'b', 'api', 'db'), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: fc.constantFrom('pod', 'absent'), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
const podSelector: fc.Arbitrary<V1LabelSelector> = fc.oneof(
  fc.constant({}),
  names.map((pod) => ({ matchLabels: { pod } })),
  fc.array(expression, { minLength: 1, maxLength: 2 }).map((matchExpressions) => ({ matchExpressions })),
);
const namespaceSelector = fc.oneof(
  fc.constant({}),
  fc.constantFrom('x', 'y').map((team) => ({ matchLabels: { team } })),
);
const ports = fc.array(
  fc.oneof(
    fc.record({ port: fc.constantFrom(8000, 8001, 8002), protocol: fc.constantFrom('TCP', 'UDP') }),
    fc.constantFrom('http', 'admin', 'more').map((port) => ({ port })),
    fc.constant({ port: 'datagrams', protocol: 'UDP' }),
    fc.constant({ port: 8001, endPort: 8002 }),
    fc.record({ protocol: fc.constantFrom('TCP', 'UDP') }),
  ),
  { maxLength: 2 },
);

/** Policies over pods with these addresses. */
function sets(ips: readonly string[]): fc.Arbitrary<V1NetworkPolicy[]> {
  const ip = fc.constantFrom(...ips);
  const ipBlock = fc.oneof(
    ip.map((own) => ({ cidr: `${own}/32` })),
    fc.uniqueArray(ip, { maxLength: 3 }).map((but) => ({ cidr: '10.0.0.0/8', except: but.map((one) => `${one}/32`) })),
    ip.map((own) => ({ cidr: '0.0.0.0/0', except: [`${own.replace(/\d+$/, '0')}/29`] })),
  );
  const peers = fc.array(
    fc.oneof(
      fc.record({ podSelector }),
      fc.record({ namespaceSelector }),
      fc.record({ podSelector, namespaceSelector }),
      fc.record({ ipBlock }),
    ),
    { maxLength: 2 },
  );
  const spec = fc.record({
    podSelector,
    policyTypes: fc.constantFrom<string[]>(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
    ingress: fc.array(fc.record({ _from: peers, ports }), { maxLength: 2 }),
    egress: fc.array(fc.record({ to: peers, ports }), { maxLength: 2 }),
  });
  const one = fc
    .record({ space: fc.constantFrom(...SPACES), spec })
    .map(({ space, spec: { policyTypes, ...rest } }): { space: string; spec: V1NetworkPolicySpec } => ({
      space,
      // Rules of a direction that the types leave out mean nothing, and cyclonus takes them for a mistake.
      spec: {
        ...{ podSelector: rest.podSelector, policyTypes },
        ...(policyTypes.includes('Ingress') && { ingress: rest.ingress }),
        ...(policyTypes.includes('Egress') && { egress: rest.egress }),
      },
    }));
  return fc
    .array(one, { minLength: 1, maxLength: 6 })
    .map((made) => made.map(({ space, spec: each }, at) => policy(space, `random-${at}`, each)));
}

const [count = 40, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
const matrix = await Matrix.start();
let [asked, allowed] = [0, 0];
const differing: object[] = [];
try {
  await matrix.ready();
  const ips = SPACES.flatMap((space) => NAMES.map((name) => matrix.ip(space, name)));
  for (const [at, policies] of fc.sample(sets(ips), { numRuns: count, seed }).entries()) {
    const verdicts = await matrix.verdicts(policies);
    const wrong = verdicts.filter(({ real, judged }) => real !== judged);
    asked += verdicts.length;
    allowed += verdicts.filter(({ judged }) => judged).length;
    if (wrong.length) differing.push({ set: at, policies, wrong });
    say(
      `  set ${at + 1} of ${count}: ${policies.length} policies, ${verdicts.length - wrong.length} of ${verdicts.length} agree`,
    );
  }
} finally {
  await matrix.stop();
}
const agreeing = asked - differing.reduce((sum: number, one) => sum + (one as { wrong: unknown[] }).wrong.length, 0);
const out = join(CHECKOUT, '.out/bench/verdicts.json');
mkdirSync(join(CHECKOUT, '.out/bench'), { recursive: true });
writeFileSync(out, JSON.stringify({ seed, sets: count, asked, allowed, agreeing, differing }, null, 2));
say(`${agreeing} of ${asked} verdicts agree with cyclonus, ${allowed} of them allowed (seed ${seed}; ${out})`);
if (differing.length) process.exitCode = 1;
