/** Where the pods of one kind stand to each other: the same wish for every component that has several. */

/**
 * Apart from each other, over hosts first and over zones too (D-K8S-8). A wish and no demand: a pod beside its sibling is
 * better than none, which is also how the whole runs on one node; and a volume holds its pod in its zone anyway.
 *
 * @param matchLabels what picks the pods
 * @param rolls whether a Deployment makes them: the spread is then counted within one revision, so that a rollout does not
 *   lean on where the old pods are
 */
export function apart(matchLabels: Readonly<Record<string, string>>, rolls: boolean) {
  const labelSelector = { matchLabels: { ...matchLabels } };
  const over = ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'];
  return {
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: over.map((topologyKey, index) => ({
          weight: 100 - 50 * index,
          podAffinityTerm: { topologyKey, labelSelector },
        })),
      },
    },
    topologySpreadConstraints: over.map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector,
      ...(rolls && { matchLabelKeys: ['pod-template-hash'] }),
    })),
  };
}
