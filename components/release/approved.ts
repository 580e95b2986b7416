/** Whether a release has the signatures it needs (B-SIGN-1, E-SIGN-1). Asked before anything of it is begun. */
import { approvals, type Approval } from './approvals/index.ts';
import { isIntact } from './digest.ts';
import { digestOf, type ReleaseInputs } from './host.ts';
import { wasLive } from './orders.ts';
import type { ReleaseRecord } from './runner/record.ts';

/**
 * Whether signatures are asked for. What is live needs none, and neither does going back to what was live before: it had
 * them then, and a rollback waits for nobody. A version that was sent away since is a new decision.
 */
export function asks(record: ReleaseRecord | undefined, inputs: ReleaseInputs): boolean {
  const digest = digestOf(inputs);
  if ((inputs.approvals?.roles.length ?? 0) === 0) return false;
  if (record === undefined) return true;
  if (record.good?.digest === digest) return false;
  return !wasLive(record, digest) || record.rejected.some((rejection) => rejection.digest === digest);
}

/** @throws when one is missing or does not count: with the hash, and the command that gives it */
export async function approved(record: ReleaseRecord | undefined, inputs: ReleaseInputs): Promise<readonly Approval[]> {
  if (!asks(record, inputs)) return [];
  // People sign a hash, pods run a template.
  if (!isIntact({ ...inputs.template })) {
    throw new Error(`${inputs.name}: its template is not the one that its hash ${digestOf(inputs)} was made of`);
  }
  return approvals({ ...inputs.approvals!, release: digestOf(inputs), attempt: inputs.attempt });
}

/** What is still to be signed, for whoever makes a plan; nothing where nothing is. */
export async function unsigned(record: ReleaseRecord | undefined, inputs: ReleaseInputs): Promise<string | undefined> {
  try {
    await approved(record, inputs);
    return undefined;
  } catch (thrown) {
    return `an up will be refused until this is signed. ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
}

/** `approved by devops-lead (alice@example.com, ED25519 SHA256:…)` */
export const approvedBy = (given: readonly Approval[]): string =>
  given.length === 0
    ? ''
    : `, approved by ${given.map(({ role, who, key }) => `${role} (${[...who, key].join(', ')})`).join(' and ')}`;
