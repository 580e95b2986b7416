/**
 * IAM's decision over policies as they are sent, for what ours use: explicit denials, wildcards, conditions. An operator
 * that is not written here throws: a policy is never judged by half.
 */
import type { Conditions, Document, Policy, Principals } from '../../../../infra/identity/index.ts';
import { document } from '../../../../infra/identity/index.ts';

/** One call to AWS. */
export interface Request {
  readonly action: string;
  readonly resource?: string;
  /** What AWS knows about the call, by condition key. A key that is not here is absent. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Who calls, where the policy speaks of principals. */
  readonly principal?: { readonly kind: 'Service' | 'AWS' | 'Federated'; readonly id: string };
}

export type Decision = 'allowed' | 'denied' | 'not allowed';

/** `*` is any text, `?` one character, the rest itself. */
export function matches(pattern: string, text: string, caseless = false): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, caseless ? 'is' : 's').test(text);
}

type Compare = (wanted: string, found: string) => boolean;
/** Each with whether it is a denial: those hold for a key that is absent, and want every value to differ. */
const OPERATORS: Record<string, { compare: Compare; not?: true }> = {
  StringEquals: { compare: (wanted, found) => wanted === found },
  StringNotEquals: { compare: (wanted, found) => wanted === found, not: true },
  StringLike: { compare: (wanted, found) => matches(wanted, found) },
  ArnEquals: { compare: (wanted, found) => matches(wanted, found) },
  ArnLike: { compare: (wanted, found) => matches(wanted, found) },
  Bool: { compare: (wanted, found) => wanted === found },
  NumericLessThan: { compare: (wanted, found) => Number(found) < Number(wanted) },
};

const list = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);

function holds(conditions: Conditions = {}, context: NonNullable<Request['context']>): boolean {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, value]) => {
      const found = context[key];
      if (operator === 'Null') return list(value).includes(String(found === undefined));
      const known = OPERATORS[operator];
      if (!known) throw new Error(`the evaluator does not know the operator ${operator}`);
      if (found === undefined) return known.not === true;
      const hit = list(found).some((one) => list(value).some((wanted) => known.compare(wanted, one)));
      return known.not ? !hit : hit;
    }),
  );
}

function concerns(principals: Principals | undefined, caller: Request['principal']): boolean {
  if (principals === undefined || principals === '*') return true;
  const ids = caller && principals[caller.kind];
  if (ids === undefined) return false;
  return list(ids).some((id) => id === '*' || id === caller!.id || sameAccount(id, caller!.id));
}

/** An account's root stands for whomever that account lets: here, for all of it. */
function sameAccount(root: string, caller: string): boolean {
  const account = /^arn:[^:]+:iam::(\d+):root$/.exec(root)?.[1];
  return account !== undefined && /^arn:[^:]+:(?:iam|sts)::(\d+):/.exec(caller)?.[1] === account;
}

const applies = (statement: Document['Statement'][number], { action, resource, context = {}, principal }: Request) =>
  statement.Action.some((pattern) => matches(pattern, action, true)) &&
  (statement.Resource === undefined || statement.Resource.some((pattern) => matches(pattern, resource ?? ''))) &&
  concerns(statement.Principal, principal) &&
  holds(statement.Condition, context);

/** What IAM says to the call, by this policy alone. */
export function decide(policy: Policy | Document, request: Request): Decision {
  const { Statement } = 'Version' in policy ? policy : document(policy);
  const hits = Statement.filter((statement) => applies(statement, request));
  if (hits.some(({ Effect }) => Effect === 'Deny')) return 'denied';
  return hits.length > 0 ? 'allowed' : 'not allowed';
}
