/** Where a product's image lies. */
import type * as pulumi from '@pulumi/pulumi';
import { LifecyclePolicy } from '@pulumi/aws/ecr/lifecyclePolicy.js';
import { Repository } from '@pulumi/aws/ecr/repository.js';
import { RepositoryPolicy } from '@pulumi/aws/ecr/repositoryPolicy.js';
import { canonical, PlatformComponent, Problems } from '../../components/core/index.ts';
import { arn, type Place } from '../account/index.ts';
import { rendered, type Policy } from '../identity/index.ts';
import { lifecycle, type Kept } from './lifecycle.ts';

export interface RegistryArgs {
  readonly place: Place;
  /** The repository's name: `corporate-intel-api` (A-IMG-1). */
  readonly repository: string;
  /** Another key is another repository: ECR cannot exchange it. */
  readonly keyArn: pulumi.Input<string>;
  /**
   * How many images of which tags stay; all others stay for ever. A count for each kind of tag: among all together, many
   * pushes for staging would push out what production runs.
   */
  readonly keep: readonly Kept[];
  /**
   * Tags that may be moved to another image: `staging-latest` (A-IMG-2). All others are given once and for all.
   * @default none
   */
  readonly moving?: readonly string[];
  /**
   * ARNs of roles in other accounts that may pull. In this account the roles' own rights decide.
   * @default none
   */
  readonly pulledBy?: readonly string[];
  /**
   * The engine refuses to delete or replace it: a rollback needs what is in it.
   * @default true
   */
  readonly protect?: boolean;
}

/** Layers of builds that broke off, and what a moving tag has left. Longer than any release takes (ours). */
const UNTAGGED_DAYS = 14;

/**
 * A repository in ECR (A-IMG-2, A-IMG-5, D-SEC-2): tags that cannot be given twice, each image looked through for known
 * faults as it is pushed, encrypted, and nobody deletes images but the rules.
 *
 * Cost: what lies there, and transfer to other regions. A smaller `keep` deletes images within a day.
 */
export class Registry extends PlatformComponent {
  /** Without a tag: `111122223333.dkr.ecr.us-east-1.amazonaws.com/corporate-intel-api`. */
  readonly url: pulumi.Output<string>;
  readonly arn: string;
  readonly repository: string;

  constructor(name: string, args: RegistryArgs, options: pulumi.ComponentResourceOptions) {
    check(name, args);
    const { place, repository, keyArn, keep, moving = [], pulledBy = [], protect = true } = args;
    super('platform:host:Registry', name, { repository, keep: [...keep] }, options);
    const child = { parent: this };
    const made = new Repository(
      `${name}-repository`,
      {
        name: repository,
        forceDelete: false,
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: 'KMS', kmsKey: keyArn }],
        ...(moving.length === 0
          ? { imageTagMutability: 'IMMUTABLE' }
          : {
              imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
              imageTagMutabilityExclusionFilters: moving
                .toSorted()
                .map((filter) => ({ filter, filterType: 'WILDCARD' })),
            }),
      },
      { ...child, protect },
    );
    new LifecyclePolicy(
      `${name}-lifecycle`,
      { repository: made.name, policy: canonical(lifecycle(keep, UNTAGGED_DAYS)) },
      child,
    );
    new RepositoryPolicy(
      `${name}-policy`,
      { repository: made.name, policy: rendered(repositoryPolicy(pulledBy)) },
      child,
    );
    this.url = made.repositoryUrl;
    this.arn = arn(place, 'ecr', `repository/${repository}`);
    this.repository = repository;
    this.registerOutputs({ url: this.url });
  }
}

/** Images go by the rules alone; a hand, or a pipeline with too many rights, cannot take the way back away. */
export const repositoryPolicy = (pulledBy: readonly string[]): Policy => [
  {
    sid: 'OnlyTheRulesDelete',
    effect: 'Deny',
    principals: '*',
    actions: ['ecr:BatchDeleteImage', 'ecr:DeleteRepository'],
    because: 'a denial is for everybody: whoever may has to take this sentence away first, which can be seen',
  },
  ...(pulledBy.length === 0
    ? []
    : [
        {
          sid: 'OthersPull',
          principals: { AWS: [...pulledBy].toSorted() },
          actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        } as const,
      ]),
];

/** What A-IMG-5 goes back to. */
const FEWEST = 2;

function check(name: string, { repository, keep, moving = [] }: RegistryArgs): void {
  const problems = new Problems();
  problems.require(/^[a-z0-9]+([._/-][a-z0-9]+)*$/.test(repository), {
    where: 'RegistryArgs.repository',
    found: JSON.stringify(repository),
    wanted: 'a-z and 0-9, and single "._/-" between them',
  });
  const seen = new Set<string>();
  for (const { tags, newest } of keep) {
    problems.require(/^[\w.-]+\*$/.test(tags), {
      where: 'RegistryArgs.keep',
      found: JSON.stringify(tags),
      wanted: 'what tags begin with, and a "*": "staging-*"',
    });
    problems.require(!seen.has(tags), {
      where: 'RegistryArgs.keep',
      found: `${JSON.stringify(tags)} twice`,
      wanted: 'one count for each kind of tags',
    });
    seen.add(tags);
    problems.require(Number.isInteger(newest) && newest >= FEWEST, {
      where: `RegistryArgs.keep.${tags}`,
      found: String(newest),
      wanted: `a whole number from ${FEWEST} on`,
      remedy: 'a rollback goes to the second newest',
    });
  }
  problems.require(moving.length <= 5 && moving.every((tag) => /^[\w.*-]{1,128}$/.test(tag) && tag !== '*'), {
    where: 'RegistryArgs.moving',
    found: JSON.stringify(moving),
    wanted: 'at most five tags, or patterns of tags',
  });
  problems.throwIfAny(`Registry "${name}"`);
}
