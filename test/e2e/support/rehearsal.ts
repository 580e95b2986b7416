/**
 * The stack `rehearsal` on the sandbox: production's shape, small. `make test` deploys it; for a single test,
 * `make up STACK=rehearsal` first. PLATFORM_REHEARSAL may name the file of any other namespace with the same parts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployed } from '../../../infra/sandbox/deploy.ts';
import { STATE } from '../../../infra/sandbox/host/paths.ts';

const file = process.env.PLATFORM_REHEARSAL ?? join(STATE, 'rehearsal.json');

/** `api` is the address of the edge, as seen from this machine. */
export const rehearsal = JSON.parse(readFileSync(file, 'utf8')) as Pick<
  Deployed,
  'state' | 'kubeconfig' | 'namespace' | 'api'
>;
