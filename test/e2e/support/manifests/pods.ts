/** Pod templates as pods. Pod Security only warns of what holds a template; a pod it refuses. */
import { podTemplate, type Manifest } from '../../../engine/support/planned.ts';

/** Kinds that other objects are checked against when they come, in the order in which they are made. */
export const GROUND: readonly string[] = [
  ...['CustomResourceDefinition', 'Namespace', 'PriorityClass', 'StorageClass', 'RuntimeClass', 'ServiceAccount'],
];

/** The pod that a workload would make. What a StatefulSet claims for each pod stands in for by a folder. */
export function asBarePod(workload: Manifest): Manifest {
  const template = podTemplate(workload);
  if (template === undefined) throw new Error(`${workload.kind} ${workload.metadata.name} has no pod template`);
  const { volumes = [], ...spec } = structuredClone(template.spec);
  const claimed = ((workload.spec?.volumeClaimTemplates ?? []) as Manifest[]).map(({ metadata }) => ({
    name: metadata.name,
    emptyDir: {},
  }));
  const { namespace, name } = workload.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...template.metadata,
      name: `${name}-${workload.kind.toLowerCase()}`.slice(0, 63),
      namespace: namespace!,
    },
    spec: { ...spec, volumes: [...(volumes as object[]), ...claimed] },
  };
}
