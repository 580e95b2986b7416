/** Who may take a role: a service of AWS, or the pods of one service account of one cluster. */
import { arn, type Place } from '../account/index.ts';
import type { Policy } from './policy.ts';

/** A service account of Kubernetes. */
export interface ServiceAccountRef {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/**
 * A service of AWS takes the role by itself.
 *
 * @param service `ec2.amazonaws.com`
 * @param from what it has to be at work for, where the service says so in its requests: nobody else's resources can then
 *   make it take the role (a confused deputy). An ARN, in which `*` stands for what AWS numbers
 */
export const trustService = ({ accountId }: Place, service: string, from?: string): Policy => [
  {
    sid: 'ServiceTakesTheRole',
    principals: { Service: service },
    actions: ['sts:AssumeRole'],
    ...(from !== undefined && {
      conditions: { StringEquals: { 'aws:SourceAccount': accountId }, ArnLike: { 'aws:SourceArn': from } },
    }),
  },
];

/** EKS Pod Identity takes the role for the pods of that account in that cluster. It tags the session with all three. */
export const trustPods = (place: Place, cluster: string, { namespace, serviceAccount }: ServiceAccountRef): Policy => [
  {
    sid: 'PodsOfOneServiceAccount',
    principals: { Service: 'pods.eks.amazonaws.com' },
    actions: ['sts:AssumeRole', 'sts:TagSession'],
    conditions: {
      StringEquals: {
        'aws:SourceAccount': place.accountId,
        'aws:RequestTag/eks-cluster-arn': arn(place, 'eks', `cluster/${cluster}`),
        'aws:RequestTag/kubernetes-namespace': namespace,
        'aws:RequestTag/kubernetes-service-account': serviceAccount,
      },
    },
  },
];

/** The issuer of a cluster's tokens, as IAM knows it. */
export interface Issuer {
  /** The ARN of the OpenID Connect provider. */
  readonly providerArn: string;
  /** The issuer's address; with or without `https://`. */
  readonly url: string;
}

/** A token of that account, made for STS and nobody else, takes the role (IRSA). */
export const trustToken = ({ providerArn, url }: Issuer, { namespace, serviceAccount }: ServiceAccountRef): Policy => {
  const issuer = url.replace(/^https:\/\//, '');
  return [
    {
      sid: 'TokenOfOneServiceAccount',
      principals: { Federated: providerArn },
      actions: ['sts:AssumeRoleWithWebIdentity'],
      conditions: {
        StringEquals: {
          [`${issuer}:aud`]: 'sts.amazonaws.com',
          [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${serviceAccount}`,
        },
      },
    },
  ];
};
