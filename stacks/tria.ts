/**
 * The Tria AI-BPO chatbot (system C) on one server with Docker, from top to bottom: what runs, and what has to be proven
 * before the next thing starts (C-DEP-1). Each part is a file of `tria/`.
 */
import type * as pulumi from '@pulumi/pulumi';
import type { Verdict } from '../components/gates/index.ts';
import type { Configuration } from './config/load.ts';
import { verdicts } from './outputs.ts';
import { backend, knowledge, madeOf, migrated } from './tria/backend.ts';
import { front } from './tria/front.ts';
import { entrance, frontDoor, prove } from './tria/proof.ts';
import { openSite, type Running } from './tria/site.ts';
import { backedUp, stores } from './tria/stores.ts';

/** What other teams may read of the stack. Nothing in it is a secret. */
export interface TriaOutputs {
  readonly contractVersion: number;
  readonly environment: string;
  /** `STAGING_IP` (C-HOST-3). */
  readonly publicIp: pulumi.Output<string>;
  /** Where the API answers; and the page, where there is one. */
  readonly endpoints: { readonly api: pulumi.Output<string>; readonly page: pulumi.Output<string> | null };
  readonly running: { readonly version: string; readonly image: string };
  /** The containers by their names (C-TOPO-1). */
  readonly containers: readonly string[];
  /** The gates by name, and what each said last. All are `pass` after an update that succeeded. */
  readonly gates: Readonly<Record<string, pulumi.Output<Verdict>>>;
}

/** Raised when a name or a type changes; a new name alone does not raise it. */
const CONTRACT_VERSION = 1;

export async function tria(configuration: Configuration<'tria'>): Promise<TriaOutputs> {
  const site = await openSite(configuration);
  const { settings, address } = site;

  // What holds data, and the copy of it that an update begins with.
  const data = stores(site);
  const saved = backedUp(site, data);

  // What answers, what it knows, and the way in from outside.
  const made = madeOf(site);
  const api = backend(site, made, migrated(site, made, [...data.ready, saved.gate]));
  const known = knowledge(site, made, [api.gate!]);
  const outside = front(site, [api.gate!]);

  // What proves that it does.
  const running: readonly Running[] = [
    ...[data.postgres, data.redis, api],
    ...(outside ? [outside.frontend, outside.nginx] : []),
  ];
  prove(site, running, api, [...known, ...running.map(({ gate }) => gate!)]);

  return {
    contractVersion: CONTRACT_VERSION,
    environment: settings.stack.environment,
    publicIp: address,
    endpoints: {
      api: entrance(site),
      page: frontDoor(site) ?? null,
    },
    running: { version: settings.stack.version, image: made.facts.image.reference },
    containers: running.map(({ containerName }) => containerName),
    gates: verdicts(site.gates),
  };
}
