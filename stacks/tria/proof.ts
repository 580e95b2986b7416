/** What proves that the chatbot works: health, all containers, a question, its own cases, and a bounded load. */
import * as pulumi from '@pulumi/pulumi';
import { CHAT, COMMANDS, HEALTH, secureOrigin } from '../../components/chatbot/index.ts';
import { ContainerGate, ExecGate, HttpGate, LoadGate, type Gate } from '../../components/gates/index.ts';
import { PORTS } from '../../infra/host/index.ts';
import type { Running, Site } from './site.ts';

/** What the load asks: few enough that a cache pays, more than one (ours). */
const QUESTIONS = [CHAT.question.message, 'How long does delivery take?', 'How can I pay?', 'Can I cancel my order?'];

const JSON_BODY = { 'content-type': 'application/json' };

/** Where nginx answers from outside: by its name, where it has a certificate for one (C-OK-7). Nothing without nginx. */
export const frontDoor = ({ settings: { nginx }, address }: Site): pulumi.Output<string> | undefined => {
  if (nginx === undefined) return undefined;
  return nginx.tls === undefined
    ? pulumi.interpolate`http://${address}:${nginx.port}`
    : pulumi.output(secureOrigin(nginx.tls));
};

/** Where the backend answers from outside: at its own port (CONF-39), or behind nginx. */
export const entrance = (site: Site): pulumi.Output<string> =>
  site.settings.network.publishBackend ? pulumi.interpolate`http://${site.address}:${PORTS.backend}` : frontDoor(site)!;

export function prove(
  site: Site,
  running: readonly Running[],
  backend: Running,
  after: readonly pulumi.Resource[],
): void {
  const keep = <G extends Gate>(name: string, gate: G): G => {
    site.gates[name] = gate;
    return gate;
  };
  const url = entrance(site);
  const asked = { subject: backend.subject, target: { url } };

  // Every container of the profile, and then the backend's own word on its three (C-OK-1).
  const all = running.map(({ containerName: container, subject }) => {
    const name = `running-${container.slice('tria_aibpo_'.length)}`;
    const args = { host: site.ref, container, subject, requirement: 'C-GATE-2, C-OK-1' };
    return keep(name, new ContainerGate(name, args, { dependsOn: [...after] }));
  });
  const healthy = keep(
    'health',
    new HttpGate(
      'health',
      { ...asked, cluster: {}, path: HEALTH.path, expect: { status: 200, json: HEALTH.body }, requirement: 'C-GATE-1' },
      { dependsOn: all },
    ),
  );
  const page = pageOf(site, running, healthy);
  if (page !== undefined) keep('page', page);

  const smoke = keep('chat', chat(asked, healthy));
  const cases = site.settings.proof.cases ? [keep('cases', ownCases(site, backend, smoke))] : [];
  for (const [name, gate] of Object.entries(loads(site, asked, [smoke, ...cases]))) keep(name, gate);
}

/** The page, through nginx (C-TOPO-1). */
function pageOf(site: Site, running: readonly Running[], after: Gate): HttpGate | undefined {
  const url = frontDoor(site);
  if (url === undefined) return undefined;
  return new HttpGate(
    'page',
    {
      ...{ cluster: {}, path: '/', expect: { status: 200 }, requirement: 'C-TOPO-1' },
      target: { url },
      subject: pulumi.all(running.slice(-2).map(({ subject }) => subject)).apply((both) => both.join(' ')),
    },
    { dependsOn: after },
  );
}

interface Asked {
  readonly subject: pulumi.Output<string>;
  readonly target: { readonly url: pulumi.Output<string> };
}

/** The guide's question, and an answer in words (C-SMOKE-1). */
const chat = (asked: Asked, after: Gate): HttpGate =>
  new HttpGate(
    'chat',
    {
      ...{ ...asked, cluster: {}, method: 'POST', path: CHAT.path, headers: JSON_BODY },
      body: JSON.stringify(CHAT.question),
      expect: { status: 200, json: { response: { matches: '\\w+' } } },
      requirement: 'C-SMOKE-1',
      patience: { perTry: '30s' },
    },
    { dependsOn: after },
  );

/** The backend's own three cases, in its container as the guide has it (C-SMOKE-2); they try the list of C-SMOKE-3. */
const ownCases = ({ ref }: Site, { containerName: container, subject }: Running, after: Gate): ExecGate =>
  new ExecGate(
    'cases',
    {
      ...{ host: ref, container, subject, command: COMMANDS['e2e-tests'] },
      requirement: 'C-SMOKE-2, C-SMOKE-3',
      patience: { perTry: '5m', deadline: '5m' },
    },
    { dependsOn: after },
  );

/** The loads that the stack wants, one after the other: beside each other they would be a third (C-OK-2..5). */
function loads({ settings: { proof } }: Site, asked: Asked, after: readonly Gate[]): Record<string, LoadGate> {
  const { sustained, burst, p95Below } = proof;
  const bodies = QUESTIONS.map((message) => JSON.stringify({ message, session_id: 'staging-load' }));
  const common = { ...asked, cluster: {}, method: 'POST', path: CHAT.path, headers: JSON_BODY, bodies } as const;
  const hits = {
    ...{ path: '/metrics', hits: proof.cacheHits, misses: proof.cacheMisses, above: proof.cacheHitsAbove },
  };
  const made: Record<string, LoadGate> = {};
  if (sustained !== undefined) {
    const { users, duration, errorsBelow } = sustained;
    const expect = { errorsBelow, p95Below, hits };
    const args = { ...common, users, duration, expect, requirement: 'C-OK-2, C-OK-4, C-OK-5' };
    made['load-sustained'] = new LoadGate('load-sustained', args, { dependsOn: [...after] });
  }
  if (burst !== undefined) {
    const { users, duration, errorsBelow } = burst;
    const args = { ...common, users, duration, expect: { errorsBelow, p95Below }, requirement: 'C-OK-3' };
    made['load-burst'] = new LoadGate('load-burst', args, { dependsOn: [...after, ...Object.values(made)] });
  }
  return made;
}
