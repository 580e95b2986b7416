/** Who may use a key: the account's own policies, and the services that come by themselves. */
import { arn, iamArn, type Place } from '../account/index.ts';
import type { Policy, Statement } from '../identity/index.ts';

/** A use that no role of the stack asks for: the service comes with its own name, so the key has to know it. */
export type KeyUse =
  | {
      /** CloudWatch Logs encrypts these groups. */
      readonly by: 'logs';
      /** The groups' names; a name that ends in `*` stands for all that begin so. */
      readonly groups: readonly string[];
    }
  | {
      /** EC2 Auto Scaling starts nodes with encrypted disks. */
      readonly by: 'nodes';
    };

const ITSELF = 'in the policy of a key `*` is that key and no other';

const CIPHER = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
] as const;

/**
 * The policy of a key. Its first sentence hands the decision to the account's own policies, so that a role's rights stand
 * in one place and nobody is locked out of a key, its administrators included: a key whose policy names only roles is lost
 * with them.
 */
export function keyPolicy(place: Place, uses: readonly KeyUse[]): Policy {
  return [
    {
      sid: 'AccountDecides',
      principals: { AWS: iamArn(place, 'root') },
      actions: ['kms:*'],
      resources: ['*'],
      because: `the account has to stay able to change every part of it, or a mistake here could never be mended; ${ITSELF}`,
    },
    ...uses.flatMap((use, index) => (use.by === 'logs' ? logs(place, use.groups, index) : nodes(place, index))),
  ];
}

const logs = (place: Place, groups: readonly string[], nth: number): Statement[] => [
  {
    sid: `LogGroups${nth}`,
    principals: { Service: `logs.${place.region}.amazonaws.com` },
    actions: CIPHER,
    resources: ['*'],
    conditions: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': [...groups]
          .toSorted()
          .map((group) => arn(place, 'logs', `log-group:${group}`)),
      },
    },
    because: ITSELF,
  },
];

/**
 * The role of Auto Scaling belongs to AWS: it can be given no policy, so the key itself has to allow it. By a condition and
 * not as the principal: a policy that names a role which does not exist yet is refused, and AWS makes that one with the
 * account's first group of nodes.
 */
function nodes(place: Place, nth: number): Statement[] {
  const scaling = {
    'aws:PrincipalArn': iamArn(place, 'role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling'),
  };
  const account = { 'kms:CallerAccount': place.accountId };
  const because = `${ITSELF}; the condition leaves one caller of everybody`;
  return [
    {
      sid: `NodeDisks${nth}`,
      principals: { AWS: '*' },
      actions: CIPHER,
      resources: ['*'],
      conditions: { ArnEquals: scaling, StringEquals: account },
      because,
    },
    {
      sid: `NodeDisksLent${nth}`,
      principals: { AWS: '*' },
      actions: ['kms:CreateGrant'],
      resources: ['*'],
      conditions: { ArnEquals: scaling, StringEquals: account, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      because,
    },
  ];
}
