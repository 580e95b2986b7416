/** Which images go, as rules of ECR. What a rule does not name stays. */

/** Tags of one kind, and how many images of theirs stay. */
export interface Kept {
  /** `staging-*`: what the tags begin with, and one `*` at the end. */
  readonly tags: string;
  /** The newest so many. At least two: a rollback takes the second newest (A-IMG-5). */
  readonly newest: number;
}

/** The tags of the kinds, in their order, and then what has no tag (any more). */
export const lifecycle = (kept: readonly Kept[], untaggedDays: number) => ({
  rules: [
    ...[...kept]
      .toSorted((a, b) => (a.tags < b.tags ? -1 : 1))
      .map(({ tags, newest }, index) => ({
        rulePriority: index + 1,
        description: `the newest ${newest} of ${tags}`,
        selection: {
          tagStatus: 'tagged',
          tagPatternList: [tags],
          countType: 'imageCountMoreThan',
          countNumber: newest,
        },
        action: { type: 'expire' },
      })),
    {
      rulePriority: kept.length + 1,
      description: `without a tag for ${untaggedDays} days`,
      selection: {
        tagStatus: 'untagged',
        countType: 'sinceImagePushed',
        countUnit: 'days',
        countNumber: untaggedDays,
      },
      action: { type: 'expire' },
    },
  ],
});
