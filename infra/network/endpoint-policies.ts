/** What may go through an endpoint: nothing signed by strangers, so that stolen keys cannot carry data out by our own door. */
import { iamArn, type Place } from '../account/index.ts';
import type { Policy, Statement } from '../identity/index.ts';

const ours = ({ accountId }: Place, service: string): Statement => ({
  sid: 'OurOwnCallers',
  principals: '*',
  actions: [`${service}:*`],
  resources: ['*'],
  conditions: { StringEquals: { 'aws:PrincipalAccount': accountId } },
  because: 'what each caller may do is said by its role; here only whose caller it is',
});

/**
 * S3. Reading is open, over TLS: the layers of images and the packages of nodes lie in buckets of others, and are read with
 * the signatures of others or with none.
 */
export const storageEndpoint = (place: Place): Policy => [
  ours(place, 's3'),
  {
    sid: 'WhatOthersPublish',
    principals: '*',
    actions: ['s3:GetObject'],
    resources: ['*'],
    conditions: { Bool: { 'aws:SecureTransport': 'true' } },
    because: 'registries keep the layers of images in buckets whose names are theirs to choose; nothing can be written',
  },
];

/** The services whose endpoints take policies, by their names in IAM. Others get none: AWS would refuse to make them. */
const POLICED: Readonly<Record<string, string>> = {
  ec2: 'ec2',
  'ecr.api': 'ecr',
  'ecr.dkr': 'ecr',
  kms: 'kms',
  logs: 'logs',
  secretsmanager: 'secretsmanager',
  sts: 'sts',
};

/** The policy of an interface endpoint, where it takes one. */
export function endpointPolicy(place: Place, endpoint: string): Policy | undefined {
  const service = POLICED[endpoint];
  if (service === undefined) return undefined;
  return [ours(place, service), ...(service === 'sts' ? [tokens(place)] : [])];
}

/** Who changes a token for a role has no account yet; the role it asks for has one. */
const tokens = (place: Place): Statement => ({
  sid: 'TokensForOurRoles',
  principals: '*',
  actions: ['sts:AssumeRoleWithWebIdentity'],
  resources: [iamArn(place, 'role/*')],
  conditions: { StringEquals: { 'aws:ResourceAccount': place.accountId } },
  because: 'who may take a role is said by the role; here only whose role it is',
});
