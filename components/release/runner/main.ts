/**
 * The runner's process. It stays, one pod a workload: whatever becomes of the engine that gave an order, somebody is there
 * to bring it to its end, and to send a replaced side to rest later. What it knows is in the record; it may be killed at
 * any moment.
 */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { edgeOf } from './drivers.ts';
import { Fenced } from './fence.ts';
import { fromPod, Kube } from './kube.ts';
import { parse, paths } from './record.ts';
import { isGone, look, tended } from './run.ts';
import type { Traffic } from './traffic.ts';

/** Milliseconds between looks at a record at rest, and after trouble. */
const IDLE = 1000;
/** Milliseconds between looks at the edge while nothing is under way. */
const TENDED = 3000;
const TROUBLE = 3000;
const { NAMESPACE: namespace = '', NAME: name = '', PORT: port = '8080' } = process.env;
const { LABELS = '{}', TRAFFIC = '{"driver":"service"}' } = process.env;
const labels = JSON.parse(LABELS) as Record<string, string>;
const traffic = JSON.parse(TRAFFIC) as Traffic;
let known = false;

const log = (line: string): void => console.log(`${new Date().toISOString()} ${line}`);

// The first process of a container is told nothing by a signal that it does not listen to.
process.on('SIGTERM', () => process.exit(0));

createServer((request, response) => {
  response.writeHead(known || request.url !== '/ready' ? 200 : 503).end();
}).listen(Number(port));

const [kube, at] = [new Kube(fromPod()), paths(namespace, name, traffic.alone)];
const edge = edgeOf(name, traffic, () => readFileSync('/access/password', 'utf8'));
const options = { kube, at, name, labels, traffic, edge, log, pause: 300 };
let lastTended = 0;

for (;;) {
  try {
    const { kind } = await look(options);
    known = true;
    if (kind === 'idle' && Date.now() - lastTended >= TENDED) {
      lastTended = Date.now();
      await tended(options);
    }
    await sleep(IDLE);
  } catch (thrown) {
    log(thrown instanceof Error && !isGone(thrown) ? (thrown.stack ?? thrown.message) : String(thrown));
    // A newer order is the next look's. Two of us on one would take it from each other for ever: who lost it begins anew,
    // more slowly each time, and only if its pod is still wanted.
    if (thrown instanceof Fenced && !(await isNewOrder())) process.exit(1);
    if (thrown instanceof Fenced) continue;
    await sleep(TROUBLE);
  }
}

/** Whether the engine has written since the last process took the record. */
async function isNewOrder(): Promise<boolean> {
  return parse(await kube.get(at.record)).token.endsWith('.0');
}
