/** Cyclonus, which judges NetworkPolicies by its own reading of their meaning. Built once, from its Go module. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1NetworkPolicy } from '@kubernetes/client-node';
import { artifact, keyOf } from '../../../../infra/sandbox/host/cache.ts';
import { run } from '../../../../infra/sandbox/host/run.ts';

const MODULE = 'github.com/mattfenwick/cyclonus/cmd/cyclonus@v0.5.6';

/** The program's path. A minute or two for the first time. */
export async function cyclonus(): Promise<string> {
  const dir = await artifact('cyclonus', keyOf(MODULE), async (out) => {
    await run(['nice', 'go', 'install', '-trimpath', '-ldflags', '-s -w', MODULE], {
      cwd: out,
      env: { CGO_ENABLED: '0', GOBIN: out, GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
    });
  });
  return join(dir, 'cyclonus');
}

/** An end of a connection, as cyclonus wants it. */
export interface Party {
  readonly namespace: string;
  readonly namespaceLabels: Record<string, string>;
  readonly labels: Record<string, string>;
  readonly ip: string;
}

export interface Question {
  readonly from: Party;
  readonly to: Party;
  readonly port: number;
  /** What the receiving pod calls this port; empty where it has no name for it. */
  readonly portName: string;
  readonly protocol: 'TCP' | 'UDP';
}

const party = ({ namespace, namespaceLabels, labels, ip }: Party): object => ({
  Internal: { PodLabels: labels, NamespaceLabels: namespaceLabels, Namespace: namespace },
  IP: ip,
});

/** Which of the connections the policies allow, in the order of the questions. `policyTypes` must be spelled out. */
export async function judge(policies: readonly V1NetworkPolicy[], questions: readonly Question[]): Promise<boolean[]> {
  // It refuses an empty list. Without policies everything is allowed, by the first sentence of the API's documentation.
  if (policies.length === 0) return questions.map(() => true);
  const program = await cyclonus();
  const dir = mkdtempSync(join(tmpdir(), 'cyclonus-'));
  try {
    const traffic = questions.map(({ from, to, port, portName, protocol }) => ({
      ...{ Source: party(from), Destination: party(to) },
      ...{ ResolvedPort: port, ResolvedPortName: portName, Protocol: protocol },
    }));
    writeFileSync(join(dir, 'traffic.json'), JSON.stringify(traffic));
    const list = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicyList', items: policies };
    // The client library's name for a field that the API calls `from`.
    writeFileSync(join(dir, 'policies.yaml'), JSON.stringify(list).replaceAll('"_from":', '"from":'));
    const files = ['--policy-path', join(dir, 'policies.yaml'), '--traffic-path', join(dir, 'traffic.json')];
    const text = await run([program, 'analyze', '--mode', 'query-traffic', ...files]);
    const verdicts = [...text.matchAll(/IS ALLOWED\? \|\s+(TRUE|FALSE)/g)].map(([, verdict]) => verdict === 'TRUE');
    if (verdicts.length !== questions.length) {
      throw new Error(`cyclonus answered ${verdicts.length} of ${questions.length} questions:\n${text.slice(0, 1000)}`);
    }
    return verdicts;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
