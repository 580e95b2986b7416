/** Who pulls images, and who pushes them. */
import { arn, type Place } from '../../account/index.ts';
import type { Policy, Statement } from '../policy.ts';

const LOGIN: Statement = {
  sid: 'LogIn',
  actions: ['ecr:GetAuthorizationToken'],
  resources: ['*'],
  because: 'the token belongs to the registry of the account: ECR knows no narrower resource for this call',
};

const repositoriesOf = (place: Place, repositories: readonly string[]): string[] =>
  [...repositories].toSorted().map((repository) => arn(place, 'ecr', `repository/${repository}`));

/** Pulls from these repositories (A-IMG-4, E-TOPO-5). */
export const pullImages = (place: Place, repositories: readonly string[]): Policy => [
  LOGIN,
  {
    sid: 'Pull',
    actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    resources: repositoriesOf(place, repositories),
  },
];

/** Pushes to these repositories and reads back what came of it. It deletes nothing: a rollback may need it (A-IMG-5). */
export const pushImages = (place: Place, repositories: readonly string[]): Policy => [
  LOGIN,
  {
    sid: 'Push',
    actions: [
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:CompleteLayerUpload',
      'ecr:DescribeImageScanFindings',
      'ecr:DescribeImages',
      'ecr:GetDownloadUrlForLayer',
      'ecr:InitiateLayerUpload',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
    ],
    resources: repositoriesOf(place, repositories),
  },
];
