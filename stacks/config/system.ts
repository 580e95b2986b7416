/** What a system is to its configuration: which settings it has, which secrets people bring, and which of them have to fit. */
import type * as z from 'zod/mini';
import type { Problems } from '../../components/core/index.ts';
import type { About } from './setting.ts';

/**
 * A rule that two or more settings share. Each message names every setting it weighs.
 *
 * @param given the secrets that the configuration holds
 */
export type Rule<S> = (settings: S, problems: Problems, given: ReadonlySet<string>) => void;

/** A secret that people bring. */
export interface AboutSecret extends About {
  /** What it is, where it is not one word: text in PEM, which has lines. */
  readonly form?: 'pem';
}

/** One system. Its groups stand in `groups/`, and docs/configuration/ is made from it. */
export interface System<Z extends z.ZodMiniType = z.ZodMiniType, K extends string = string> {
  /** Its name, as people say it. */
  readonly title: string;
  readonly settings: Z;
  /** Keys of their own, because only a whole key can be encrypted. All are given by `pulumi config set --secret`. */
  readonly secretKeys: Readonly<Record<K, AboutSecret>>;
  /** In the order in which their messages appear. */
  readonly rules: readonly Rule<z.output<Z>>[];
}

/** Holds the parts of a system against each other; gives them back as they are. */
export const systemOf = <Z extends z.ZodMiniType, K extends string>(system: System<Z, K>): System<Z, K> => system;

/** All settings of a stack of a system, checked and whole. */
export type SettingsIn<T> = T extends System<infer Z> ? z.output<Z> : never;

/** The names of the secrets that people bring to a system. */
export type SecretKeyIn<T> = T extends System<z.ZodMiniType, infer K> ? K : never;
