/** One image of a product, built and pushed before anything runs it: its settings, group by group, and its secret. */
import type * as z from 'zod/mini';
import { docker, image, registry, stack } from '../groups/image.ts';
import { group } from '../setting.ts';

export const SETTINGS = group({ stack, docker, image, registry });

/** All settings of a stack, checked and whole. */
export type Settings = z.output<typeof SETTINGS>;

/** Keys of their own, because only a whole key can be encrypted. All are given by `pulumi config set --secret`. */
export const SECRET_KEYS = {
  registryPassword: {
    means:
      'Password for `registry.username`. Of ECR what `aws ecr get-login-password` prints, good for twelve hours. Another one builds nothing.',
    from: 'B-IMG-4',
  },
} as const;
