/** A role with everything it has: nothing that was attached to it by hand survives an `up`. */
import * as pulumi from '@pulumi/pulumi';
import { Role } from '@pulumi/aws/iam/role.js';
import { RolePoliciesExclusive } from '@pulumi/aws/iam/rolePoliciesExclusive.js';
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy.js';
import { RolePolicyAttachment } from '@pulumi/aws/iam/rolePolicyAttachment.js';
import { RolePolicyAttachmentsExclusive } from '@pulumi/aws/iam/rolePolicyAttachmentsExclusive.js';
import { InputRefused, type PlatformComponent } from '../../components/core/index.ts';
import { rendered, type Policy } from './policy.ts';

/** What a role may do. */
export interface Rights {
  /** The name at AWS, one list for the whole account: begin it with the stack's. Another one is another role. */
  readonly roleName: string;
  /** For whom and what for, as people read it in the console. */
  readonly description: string;
  /** In full. Plain where it can be: what waits for a key shows up in a preview as unknown as a whole. */
  readonly policy?: pulumi.Input<Policy> | undefined;
  /** ARNs of policies that AWS writes, where AWS demands them. Nobody here has read the next version of those. */
  readonly managed?: readonly string[] | undefined;
  /** The ARN of a policy that bounds whatever the role is given. @default none */
  readonly boundary?: string | undefined;
}

/** AWS's limit for all of a role's own policies together, white space not counted. */
const LONGEST = 10_240;

/**
 * Makes a role named `name` as a child of `owner`.
 *
 * @param name the resource name; begins with the owner's
 * @param trust who may take it
 */
export function role(owner: PlatformComponent, name: string, trust: pulumi.Input<Policy>, rights: Rights): Role {
  const { roleName, description, policy, managed = [], boundary } = rights;
  if (!/^[\w+=,.@-]{1,64}$/.test(roleName)) {
    throw new InputRefused(`Role "${name}"`, [
      { where: 'roleName', found: JSON.stringify(roleName), wanted: 'at most 64 letters, digits and "+=,.@_-"' },
    ]);
  }
  const child = { parent: owner };
  const made = new Role(
    name,
    {
      name: roleName,
      description,
      assumeRolePolicy: settled(trust, rendered),
      maxSessionDuration: 3600,
      ...(boundary !== undefined && { permissionsBoundary: boundary }),
    },
    child,
  );
  const own =
    policy === undefined
      ? []
      : [
          new RolePolicy(
            `${name}-policy`,
            {
              role: made.name,
              name: roleName,
              policy: settled(policy, (statements) => short(roleName, rendered(statements))),
            },
            child,
          ),
        ];
  const lent = [...managed]
    .toSorted()
    .map(
      (policyArn) =>
        new RolePolicyAttachment(`${name}-${policyArn.split('/').at(-1)!}`, { role: made.name, policyArn }, child),
    );
  // After what they list: before it, they would take away what is about to be attached.
  const after = { ...child, dependsOn: [...own, ...lent] };
  new RolePoliciesExclusive(
    `${name}-policies`,
    { roleName: made.name, policyNames: own.length === 0 ? [] : [roleName] },
    after,
  );
  new RolePolicyAttachmentsExclusive(
    `${name}-attachments`,
    { roleName: made.name, policyArns: [...managed].toSorted() },
    after,
  );
  return made;
}

/** At once where the policy is known, so that a refusal is one of the program and not of a property on its way. */
const settled = (policy: pulumi.Input<Policy>, render: (policy: Policy) => string): pulumi.Input<string> =>
  Array.isArray(policy) ? render(policy as Policy) : pulumi.output(policy as pulumi.Output<Policy>).apply(render);

function short(roleName: string, text: string): string {
  if (text.length <= LONGEST) return text;
  throw new InputRefused(`Role "${roleName}"`, [
    {
      where: 'policy',
      found: `${text.length} characters`,
      wanted: `at most ${LONGEST}`,
      remedy: 'give the work to two roles',
    },
  ]);
}
