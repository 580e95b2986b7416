/** What a User does: imported by its shell inside the provider host. Contacts the store on create, update and read. */
import { canonical } from '../core/index.ts';
import type { Admin } from './admin.ts';
import { withStore } from './connect.ts';
import { bucketsOf, userPolicy } from './policy.ts';
import type { UserInputs } from './user.ts';

interface Inputs extends UserInputs {
  readonly subject: string;
}

type Outs = Record<string, unknown>;

/** Gives the user its secret key, and exactly the rights that are stated. */
export async function settle(admin: Admin, user: string, buckets: readonly string[], secretKey: string): Promise<void> {
  await admin.setUser(user, secretKey);
  if (!same(await admin.policy(user), buckets)) await admin.setPolicy(user, userPolicy(buckets));
  const { policies } = (await admin.user(user)) ?? { policies: [] };
  if (policies.join() !== user) await admin.attach(user, user);
}

/** What the user is and may, as inputs spell it. */
export async function seen(admin: Admin, user: string): Promise<{ exists: boolean; buckets: string[] | 'other' }> {
  const found = await admin.user(user);
  if (found === undefined) return { exists: false, buckets: 'other' };
  const policy = await admin.policy(user);
  const own = found.enabled && found.policies.join() === user && policy !== undefined;
  return { exists: true, buckets: own ? bucketsOf(policy) : 'other' };
}

function same(policy: string | undefined, buckets: readonly string[]): boolean {
  const found = policy === undefined ? 'other' : bucketsOf(policy);
  return found !== 'other' && canonical(found) === canonical(buckets.toSorted());
}

async function converged(inputs: Inputs): Promise<Outs> {
  const { user, buckets, userKey } = inputs;
  await withStore(`user ${user}`, inputs, async (reached) =>
    settle(reached.admin, user, buckets, await reached.secret(userKey)),
  );
  return { ...inputs, exists: true };
}

export const create = async (inputs: Inputs): Promise<{ id: string; outs: Outs }> => ({
  id: inputs.user,
  outs: await converged(inputs),
});

export const update = async (_id: string, _before: unknown, inputs: Inputs): Promise<{ outs: Outs }> => ({
  outs: await converged(inputs),
});

/** What is really there, as if it had been asked for: the next `up` sees how it differs from what is. */
export async function read(id: string, state: Inputs): Promise<{ id: string; props: Outs }> {
  const { exists, buckets } = await withStore(`user ${state.user}`, state, ({ admin }) => seen(admin, state.user));
  // The order in which buckets are stated says nothing.
  const stated = buckets !== 'other' && canonical(buckets) === canonical(state.buckets.toSorted());
  return { id, props: { ...state, exists, buckets: stated ? state.buckets : buckets } };
}
