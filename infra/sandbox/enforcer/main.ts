/**
 * Enforces NetworkPolicies on the pods of this node. Runs in the instance, in the network namespace that the pods hang on.
 *
 * KUBECONFIG    a kubeconfig in JSON with embedded certificates
 * NETPOL_RANGE  the addresses that this node gives to pods, such as 10.201.0.0/24
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf } from './api.ts';
import { closed } from './compile.ts';
import { Keeper, named, type Effects, type Watches } from './keeper.ts';
import { inForce, load, refuseForgedSenders } from './kernel.ts';
import { HEARTBEAT, STATUS_FILE, type Status } from './status.ts';
import { Watch } from './watch.ts';

function setting(name: string, example: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: want ${example}`);
  return value;
}

const log: Effects['log'] = (event, more = {}) =>
  console.log(JSON.stringify({ at: new Date().toISOString(), event, ...more }));

function report(status: Status): void {
  // Whoever reads it must never see half of it.
  writeFileSync(`${STATUS_FILE}.new`, JSON.stringify(status));
  renameSync(`${STATUS_FILE}.new`, STATUS_FILE);
}

const range = setting('NETPOL_RANGE', "the node's pod range, such as 10.201.0.0/24");
const get = apiOf(setting('KUBECONFIG', 'a kubeconfig in JSON'));
mkdirSync(dirname(STATUS_FILE), { recursive: true });
refuseForgedSenders();
// After a restart what was in force stays; on a node where nothing was, nothing passes until it has been judged.
if (!(await inForce())) await load(closed(range));

const keeper = new Keeper(range, () => watches, { load, inForce, report, log });
const changed = (): void => keeper.changed();
const watches: Watches = {
  pods: new Watch('/api/v1/pods', get, changed),
  namespaces: new Watch('/api/v1/namespaces', get, changed),
  networkpolicies: new Watch('/apis/networking.k8s.io/v1/networkpolicies', get, changed),
};
log('started', { range });
for (const [, watch] of named(watches)) void watch.follow();
for (;;) {
  await keeper.beat();
  await sleep(HEARTBEAT);
}
