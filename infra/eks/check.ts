/** What would end in an error of AWS after minutes, or in an open door: refused before. */
import { Problems, shown } from '../../components/core/index.ts';
import { requireNarrow } from '../narrow.ts';
import type { AddonName } from './addons.ts';
import type { ClusterArgs } from './cluster.ts';
import type { NodeGroupSettings } from './nodes.ts';

const VERSION = /^1\.(\d\d)$/;

/** @param addonVersions those given over those that are ours */
export function check(args: ClusterArgs, version: string, addonVersions: Readonly<Record<AddonName, string>>): void {
  const problems = new Problems();
  checkVersions(problems, version, addonVersions);
  checkEndpoint(problems, args);
  checkAccess(problems, args);
  const groups = Object.entries(args.nodeGroups);
  problems.require(groups.length > 0, {
    where: 'ClusterArgs.nodeGroups',
    found: 'none',
    wanted: 'one group at the least: DNS and the volumes’ driver run on nodes',
  });
  for (const [name, group] of groups) checkGroup(problems, `ClusterArgs.nodeGroups.${name}`, group);
  problems.throwIfAny(`the cluster ${args.clusterName}`);
}

function checkVersions(problems: Problems, version: string, addons: Readonly<Record<AddonName, string>>): void {
  problems.require(VERSION.test(version), {
    where: 'ClusterArgs.version',
    found: shown(version),
    wanted: 'a minor version of Kubernetes like "1.34"; AWS chooses the patch',
  });
  // kube-proxy speaks to its own API server: it follows that version, and both are changed in one commit.
  problems.require(addons['kube-proxy'].startsWith(`v${version}.`), {
    where: 'ClusterArgs.addonVersions.kube-proxy',
    found: shown(addons['kube-proxy']),
    wanted: `a build for Kubernetes ${version}, "v${version}.…"`,
    remedy: `ask "aws eks describe-addon-versions --kubernetes-version ${version}" and state all six (docs/runbooks/upgrade-eks.md)`,
  });
  for (const [name, found] of Object.entries(addons)) {
    problems.require(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/.test(found), {
      where: `ClusterArgs.addonVersions.${name}`,
      found: shown(found),
      wanted: 'a version of AWS like "v1.20.5-eksbuild.1"',
    });
  }
}

function checkEndpoint(problems: Problems, { endpoint }: ClusterArgs): void {
  requireNarrow(problems, 'ClusterArgs.endpoint.privateFrom', 'the API server', endpoint?.privateFrom ?? []);
  if (endpoint?.publicFrom === undefined) return;
  const where = 'ClusterArgs.endpoint.publicFrom';
  problems.require(endpoint.publicFrom.length > 0, {
    where,
    found: 'an empty list, which AWS takes for everybody',
    wanted: 'the addresses that may ask',
    remedy: 'leave it out for a cluster that answers inside its network only',
  });
  requireNarrow(problems, where, 'the API server', endpoint.publicFrom);
}

function checkAccess(problems: Problems, { access }: ClusterArgs): void {
  problems.require(
    Object.values(access).some(({ level, namespaces }) => level === 'clusterAdmin' && !namespaces),
    {
      where: 'ClusterArgs.access',
      found: shown(Object.keys(access)),
      wanted: 'one principal with "clusterAdmin" everywhere',
      remedy: 'whoever makes the cluster is not let in by that: name the role that applies this program',
    },
  );
}

function checkGroup(problems: Problems, where: string, group: NodeGroupSettings): void {
  const { instanceTypes, min, max, maxUnavailable = 1 } = group;
  problems.require(instanceTypes.length > 0, {
    where: `${where}.instanceTypes`,
    found: 'none',
    wanted: 'one type at the least, as "m6i.large"',
  });
  problems.require([min, max].every(Number.isInteger) && 0 <= min && min <= max && max > 0, {
    where: `${where}.min`,
    found: `min ${min}, max ${max}`,
    wanted: 'whole numbers with min ≤ max, and max above 0',
  });
  problems.require(Number.isInteger(maxUnavailable) && maxUnavailable >= 1, {
    where: `${where}.maxUnavailable`,
    found: `${maxUnavailable}`,
    wanted: 'a whole number of nodes, 1 at the least: with none no update would ever begin',
  });
}
