/** What the ledger of an image's tags does when it runs: see ledger.ts. */

/** By tag. */
type Built = Readonly<Record<string, { readonly sources: string; readonly reference: string }>>;

interface Inputs {
  readonly repository: string;
  readonly tag: string;
  readonly sources: string;
  readonly reference: string;
}

/** So many builds are remembered; a registry's lifecycle keeps fewer. */
const REMEMBERED = 200;

const noted = (before: Built, { tag, sources, reference }: Inputs): Built => {
  const others = Object.entries(before).filter(([name]) => name !== tag);
  return Object.fromEntries([...others, [tag, { sources, reference }] as const].slice(-REMEMBERED));
};

/**
 * Why a build is refused, in words; undefined where it is not. Pure.
 *
 * @param live the tag that the stack has now
 */
export function refusal(built: Built, live: string, { repository, tag, sources }: Inputs): string | undefined {
  const known = built[tag];
  if (known === undefined || (tag === live && known.sources === sources)) return undefined;
  if (tag === live) {
    return (
      `${repository}:${tag}: found other sources or build arguments than it was built from; wanted the same: what is ` +
      `pushed under a fixed tag never changes. Give the new build a tag of its own`
    );
  }
  return (
    `${repository}:${tag}: found a tag that was built before; wanted a new one: a second build would not be the same image. ` +
    `To go back, deploy what it is: ${known.reference}`
  );
}

const outs = (inputs: Inputs, built: Built) => ({ ...inputs, built: noted(built, inputs) });

export async function create(inputs: Inputs) {
  return Promise.resolve({ id: inputs.repository, outs: outs(inputs, {}) });
}

export async function update(_id: string, before: Inputs & { readonly built?: Built }, inputs: Inputs) {
  const kept = before.repository === inputs.repository ? (before.built ?? {}) : {};
  return Promise.resolve({ outs: outs(inputs, kept) });
}

/** Asked while a plan is made: what it throws refuses the plan. */
export async function differs(before: Inputs & { readonly built?: Built }, inputs: Inputs, byState: boolean) {
  const { built = {}, tag, repository } = before;
  const why = repository === inputs.repository ? refusal(built, tag, inputs) : undefined;
  if (why !== undefined) throw new Error(why);
  return Promise.resolve(byState);
}
