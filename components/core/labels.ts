/** The labels of every object, from one place. */

/** What an object belongs to. */
export interface Identity {
  /** The component: `postgres`, `api`. */
  readonly component: string;
  /** Which one of its kind; the resource name of the component. */
  readonly instance: string;
  /** The platform it is part of: `corporate-intel`. */
  readonly partOf: string;
  /** The version that runs, where there is one. Never part of a selector. */
  readonly version?: string;
}

/** What picks the pods of a component. It holds nothing that a release changes, because a selector cannot change. */
export function selector({ component, instance }: Pick<Identity, 'component' | 'instance'>): Record<string, string> {
  return { 'app.kubernetes.io/name': component, 'app.kubernetes.io/instance': instance };
}

/** All labels of an object. */
export function labels(identity: Identity): Record<string, string> {
  return {
    ...selector(identity),
    'app.kubernetes.io/part-of': identity.partOf,
    'app.kubernetes.io/managed-by': 'pulumi',
    ...(identity.version !== undefined && { 'app.kubernetes.io/version': identity.version }),
  };
}

/** All labels of an object on a Docker host: the same facts under names that are not Kubernetes'. */
export function containerLabels({ component, instance, partOf, version }: Identity): Record<string, string> {
  return {
    'platform.component': component,
    'platform.instance': instance,
    'platform.part-of': partOf,
    'platform.managed-by': 'pulumi',
    ...(version !== undefined && { 'platform.version': version }),
  };
}

/**
 * The annotation of a pod template that holds its subject: the digest of the template and of the configuration its pods
 * read. A gate judges only pods that carry the subject it was asked about.
 */
export const SUBJECT = 'platform/subject';
