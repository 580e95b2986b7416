/** What makes load balancers for the Services of a cluster. */
import { arn, iamArn, type Place } from '../../account/index.ts';
import type { Conditions, Policy } from '../policy.ts';

/** The controller writes it on everything that it makes, with the name of its cluster. */
const MADE_FOR = 'elbv2.k8s.aws/cluster';

const LOOKING = 'the Describe calls of EC2 and of Elastic Load Balancing know no narrower resource';
const NUMBERED = 'AWS numbers them as it makes them; the condition leaves those that are made for this cluster';
const RULES: readonly `ec2:${string}`[] = ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'];

/**
 * Makes network load balancers for one cluster (A-TOPO-7, B-TOPO-1), and touches nothing that was not made for it but the rules of
 * the group that its nodes are in. What application load balancers, firewalls and certificates by their names would need is
 * not here: nothing asks for them.
 */
export function balance(place: Place, cluster: string): Policy {
  const group = arn(place, 'ec2', 'security-group/*');
  const balancing = (kind: string): string => arn(place, 'elasticloadbalancing', kind);
  const [balancers, listeners, targets] = ['loadbalancer/net/*', 'listener/net/*', 'targetgroup/*'].map(balancing);
  const asked: Conditions = { StringEquals: { [`aws:RequestTag/${MADE_FOR}`]: cluster } };
  const its: Conditions = { StringEquals: { [`aws:ResourceTag/${MADE_FOR}`]: cluster } };
  // Whose something is stays as it was: the tag itself is in no request.
  const itsAsBefore: Conditions = { ...its, Null: { [`aws:RequestTag/${MADE_FOR}`]: 'true' } };
  return [
    {
      sid: 'Look',
      actions: [
        // Accounts, addresses and gateways are looked at for the controller by whoever makes the account's first balancer.
        'ec2:DescribeAccountAttributes',
        'ec2:DescribeAddresses',
        'ec2:DescribeAvailabilityZones',
        'ec2:DescribeInstances',
        'ec2:DescribeInternetGateways',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeRouteTables',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcs',
        'elasticloadbalancing:DescribeListenerAttributes',
        'elasticloadbalancing:DescribeListenerCertificates',
        'elasticloadbalancing:DescribeListeners',
        'elasticloadbalancing:DescribeLoadBalancerAttributes',
        'elasticloadbalancing:DescribeLoadBalancers',
        'elasticloadbalancing:DescribeRules',
        'elasticloadbalancing:DescribeTags',
        'elasticloadbalancing:DescribeTargetGroupAttributes',
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetHealth',
      ],
      resources: ['*'],
      because: LOOKING,
    },
    {
      sid: 'MakeBalancers',
      actions: [
        'elasticloadbalancing:CreateListener',
        'elasticloadbalancing:CreateLoadBalancer',
        'elasticloadbalancing:CreateTargetGroup',
      ],
      resources: [balancers!, listeners!, targets!],
      conditions: asked,
      because: NUMBERED,
    },
    {
      sid: 'TagWhatItMakes',
      actions: ['elasticloadbalancing:AddTags'],
      resources: [balancers!, listeners!, targets!],
      conditions: {
        StringEquals: {
          'elasticloadbalancing:CreateAction': ['CreateListener', 'CreateLoadBalancer', 'CreateTargetGroup'],
          [`aws:RequestTag/${MADE_FOR}`]: cluster,
        },
      },
      because: NUMBERED,
    },
    {
      sid: 'TagItsOwn',
      actions: ['elasticloadbalancing:AddTags', 'elasticloadbalancing:RemoveTags'],
      resources: [balancers!, listeners!, targets!],
      conditions: itsAsBefore,
      because: NUMBERED,
    },
    {
      sid: 'ChangeItsOwn',
      actions: [
        'elasticloadbalancing:AddListenerCertificates',
        'elasticloadbalancing:DeleteListener',
        'elasticloadbalancing:DeleteLoadBalancer',
        'elasticloadbalancing:DeleteTargetGroup',
        'elasticloadbalancing:DeregisterTargets',
        'elasticloadbalancing:ModifyListener',
        'elasticloadbalancing:ModifyListenerAttributes',
        'elasticloadbalancing:ModifyLoadBalancerAttributes',
        'elasticloadbalancing:ModifyTargetGroup',
        'elasticloadbalancing:ModifyTargetGroupAttributes',
        'elasticloadbalancing:RegisterTargets',
        'elasticloadbalancing:RemoveListenerCertificates',
        'elasticloadbalancing:SetIpAddressType',
        'elasticloadbalancing:SetSecurityGroups',
        'elasticloadbalancing:SetSubnets',
      ],
      resources: [balancers!, listeners!, targets!],
      conditions: its,
      because: NUMBERED,
    },
    {
      sid: 'MakeGroups',
      actions: ['ec2:CreateSecurityGroup'],
      resources: [group],
      conditions: asked,
      because: NUMBERED,
    },
    {
      sid: 'MakeGroupsInItsNetwork',
      actions: ['ec2:CreateSecurityGroup'],
      resources: [arn(place, 'ec2', 'vpc/*')],
      because: 'the policy is written before the network has its number; what is made in it is judged by its tag',
    },
    {
      sid: 'TagTheGroupsItMakes',
      actions: ['ec2:CreateTags'],
      resources: [group],
      conditions: {
        StringEquals: { 'ec2:CreateAction': 'CreateSecurityGroup', [`aws:RequestTag/${MADE_FOR}`]: cluster },
      },
      because: NUMBERED,
    },
    {
      sid: 'TagItsGroups',
      actions: ['ec2:CreateTags', 'ec2:DeleteTags'],
      resources: [group],
      conditions: itsAsBefore,
      because: NUMBERED,
    },
    {
      sid: 'ChangeItsGroups',
      actions: [...RULES, 'ec2:DeleteSecurityGroup'],
      resources: [group],
      conditions: its,
      because: NUMBERED,
    },
    {
      sid: 'LetBalancersReachPods',
      actions: RULES,
      resources: [group],
      conditions: { StringEquals: { [`aws:ResourceTag/kubernetes.io/cluster/${cluster}`]: 'owned' } },
      because: 'EKS makes and numbers the group of the nodes; the condition leaves that of this cluster',
    },
    {
      sid: 'BeginWithLoadBalancing',
      actions: ['iam:CreateServiceLinkedRole'],
      resources: [iamArn(place, `role/aws-service-role/${SERVICE}/AWSServiceRoleForElasticLoadBalancing`)],
      conditions: { StringEquals: { 'iam:AWSServiceName': SERVICE } },
    },
  ];
}

/** An account that never had a load balancer has not the role yet by which AWS itself works on them. */
const SERVICE = 'elasticloadbalancing.amazonaws.com';
