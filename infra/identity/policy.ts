/** Policies of IAM as data: written with their reasons, judged, and only then handed to AWS. */
import { InputRefused, Problems } from '../../components/core/index.ts';

/** By operator, then by key: all of them have to hold. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Whom a policy that hangs on a thing speaks of. `*` is everybody, and wants conditions. */
export type Principals =
  '*' | { readonly [Kind in 'Service' | 'AWS' | 'Federated']?: string | readonly string[] | undefined };

/** One sentence of a policy. There is no `NotAction`, no `NotResource`: what is left over is known to nobody. */
export interface Statement {
  /** Letters and digits, different from the others of its policy: what a denial names. */
  readonly sid: string;
  /** @default 'Allow' */
  readonly effect?: 'Allow' | 'Deny';
  readonly principals?: Principals;
  readonly actions: readonly `${string}:${string}`[];
  /** Left out where the policy speaks of what it hangs on: who may take a role. */
  readonly resources?: readonly string[];
  readonly conditions?: Conditions;
  /** Why something here is wide. Wanted wherever a `*` or a `?` stands in who, what or whereon; stays in this program. */
  readonly because?: string;
}

/** The sentences of one policy, before they are rendered. */
export type Policy = readonly Statement[];

/** What AWS gets. */
export interface Document {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: 'Allow' | 'Deny';
    readonly Principal?: Principals;
    readonly Action: readonly string[];
    readonly Resource?: readonly string[];
    readonly Condition?: Conditions;
  }[];
}

/** The shortest reason that says anything. */
const REASON = 20;
const WIDE = /[*?]/;

const widely = ({ principals, actions, resources = [] }: Statement): string[] => [
  ...(principals === undefined ? [] : JSON.stringify(principals).match(WIDE) ? ['everybody'] : []),
  ...[...actions, ...resources].filter((text) => WIDE.test(text)),
];

/**
 * What is wrong with a policy: a wildcard without a reason, everybody without a condition, a sentence without a name.
 * {@link document} refuses for it, so that no policy gets by.
 */
export function faults(policy: Policy): Problems {
  const problems = new Problems();
  problems.require(policy.length > 0, {
    where: 'policy',
    found: 'no statement',
    wanted: 'at least one',
    remedy: 'a role that may do nothing has no policy',
  });
  const seen = new Set<string>();
  policy.forEach((statement, index) => {
    const { sid, effect = 'Allow', principals, actions, resources, conditions, because = '' } = statement;
    const where = sid || `statement ${index}`;
    const refuse = (found: string, wanted: string) => problems.add({ where, found, wanted });
    if (!/^[A-Za-z0-9]+$/.test(sid)) refuse(`the name ${JSON.stringify(sid)}`, 'letters and digits');
    if (seen.has(sid)) refuse('a second statement of that name', 'a name of its own');
    seen.add(sid);
    if (actions.length === 0) refuse('no action', 'at least one');
    if (resources?.length === 0) refuse('no resource', 'at least one, or none stated where the policy hangs on it');
    for (const action of actions) {
      if (!/^[a-z0-9-]+:[A-Za-z*?]+$/.test(action)) refuse(`the action ${JSON.stringify(action)}`, '"service:Action"');
    }
    for (const resource of resources ?? []) {
      if (!/^(\*$|arn:)/.test(resource))
        refuse(`the resource ${JSON.stringify(resource)}`, 'an ARN, or "*" with a reason');
    }
    const wide = widely(statement);
    if (wide.length > 0 && because.length < REASON) {
      refuse(wide.join(', '), `a reason in \`because\`, of ${REASON} characters at least`);
    }
    if (effect === 'Allow' && wide.includes('everybody') && Object.keys(conditions ?? {}).length === 0) {
      refuse(`everybody is allowed (${JSON.stringify(principals)})`, 'conditions that say who');
    }
  });
  return problems;
}

/**
 * The policy as AWS reads it. The reasons stay here.
 *
 * @throws {InputRefused} when {@link faults} finds any
 */
export function document(policy: Policy): Document {
  const { found } = faults(policy);
  if (found.length > 0) throw new InputRefused('A policy', found);
  return {
    Version: '2012-10-17',
    Statement: policy.map(({ sid, effect = 'Allow', principals, actions, resources, conditions }) => ({
      Sid: sid,
      Effect: effect,
      ...(principals !== undefined && { Principal: principals }),
      Action: actions,
      ...(resources !== undefined && { Resource: resources }),
      ...(conditions !== undefined && { Condition: conditions }),
    })),
  };
}

/** The text of {@link document}, the same for the same policy. */
export const rendered = (policy: Policy): string => JSON.stringify(document(policy));
