/** How new versions come to their traffic, by what they are judged, and what is done before (§6.4). */
import { counted, rows, some, type Row } from './rows.ts';

const BOTH = ['staging', 'production'];
const RELEASE = 'Release api-release';

export const RELEASES: readonly Row[] = [
  ...rows('staging', RELEASE, ['A-DEP-1, D-DEP-2', 'strategy', 'blueGreen'], ['A-DEP-1', 'steps.*.weight', 100]),
  ...rows(
    'production',
    RELEASE,
    ['D-DEP-1', 'strategy', 'rolling'],
    ...['technical-lead', 'devops-lead', 'performance-analyst', 'security-team'].map(
      (role) => ['E-SIGN-1, D-DEP-5', 'approvals.roles', some(role)] as const,
    ),
  ),
  ...rows(
    BOTH,
    RELEASE,
    ['A-RB-1', 'rules.analysis.health.inRow', 3],
    // Who cannot start at all has ended often enough after this.
    ['E-RB-2', 'rules.crashes', 3],
    ['A-RB-2, E-RB-6', 'rules.analysis.errors.most', 0.05],
    ['A-RB-3, E-RB-3', 'rules.analysis.latency.ratio', 1.5],
    ['A-RB-4', 'rules.analysis.database.inRow', 3],
    ['A-RB-4', 'rules.probe.database', '/api/v1/health/database'],
    ['D-DEP-6', 'rules.soak', 30_000],
  ),
  ...rows(BOTH, 'Job pre-release-backup', ['D-DEP-5, E-DEP-3', 'spec.template.spec.initContainers.*.name', 'dump']),
  ...rows(BOTH, 'Job migrate-*', ['D-DEP-5', 'spec.template.spec.initContainers.*.args.*', some('--dry-run')]),
  ...rows(
    BOTH,
    'Order',
    ['D-DEP-5, E-DEP-3', 'ReleasePrepare api-prepare before Job pre-release-backup', true],
    ['D-DEP-6, E-DEP-3', 'Job pre-release-backup before Job migrate-*', true],
    ['D-DEP-6', 'Job migrate-* before Release api-release', true],
    ['D-DEP-6, E-DEP-3', 'Release api-release before Gate A-SMOKE-1', true],
  ),
  // What was rejected runs nowhere, not in the workers either.
  ...rows(['production'], 'Order', ['A-RB-1, A-RB-2', 'Release api-release before Deployment worker', true]),
  ...rows(
    ['production'],
    'Release api-release',
    ['A-RB-2, E-RB-6', 'rules.analysis.metrics.each.*.name', 'users'],
    ['A-RB-2, E-RB-6', 'rules.analysis.metrics.each.*.most', 0.05],
  ),
  ...rows(BOTH, 'Deployment api-*', ['A-DEP-1, D-DEP-2', 'metadata.name', counted(2)]),
];
