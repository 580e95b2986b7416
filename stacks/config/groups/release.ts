/** How new versions of the API come to their traffic, and what becomes of those that do not stand their trial. */
import * as k from '../kinds.ts';
import { comfort, defaulted, optional, part } from '../setting.ts';
import { cpuRange, memoryRange } from './common.ts';

const span = (fallback: Parameters<typeof k.duration>[0], means: string, from = 'GAP-10, ours') =>
  defaulted(k.duration('1s', '1h'), fallback, { means, from });

const counted = (fallback: number, means: string) =>
  defaulted(k.whole(1, 10_000), fallback, { means, from: 'GAP-10, ours' });

export const release = comfort({
  strategy: defaulted(k.choice('rolling', 'blueGreen', 'canary'), 'rolling', {
    means:
      '`rolling` replaces pods one by one under watch. `blueGreen` starts as many beside them and moves all of the traffic at once; `canary` moves it in steps, and needs `edge.kind` `nginx`. A change is no release.',
    from: 'A-DEP-1, D-DEP-1..3, CONF-15',
  }),
  steps: optional(k.weights, {
    means: "The new version's shares of the traffic for `canary`, in percent. Left out: 10, 50, 100.",
    from: 'D-DEP-3',
  }),
  window: span('30s', 'How long each step is judged.'),
  candidate: span('20s', 'How long pods of a new side are judged before they get traffic.'),
  soak: span('30s', 'How long a new version is judged with all of the traffic before it counts as live.'),
  keepFor: span(
    '10m',
    'How long the replaced side goes on: until then, going back takes seconds. Costs as many pods again. `rolling` replaces pods, and keeps none.',
  ),
  ready: span('180s', 'How long pods of a new version may take to become ready.', 'A-GATE-9'),
  deadline: span(
    '9m',
    'How long a release may take in all, before it is undone: more than `ready` and all of its windows, each with `analysis.hold`.',
    'D-DEP-7',
  ),
  analysis: comfort({
    errors: defaulted(k.whole(0, 50), 5, {
      means: 'Failed requests above which a version is bad, in percent.',
      from: 'A-RB-2, E-RB-6',
    }),
    slower: defaulted(k.whole(0, 1000), 50, {
      means:
        'How much slower than the live version, at the same time, a version may be, in percent of the 95th percentile.',
      from: 'A-RB-3, E-RB-3',
    }),
    tolerance: defaulted(k.duration('1ms', '10s'), '20ms', {
      means: 'A difference of latencies that is never too much.',
      from: 'GAP-15, ours',
    }),
    inRow: defaulted(k.whole(1, 100), 3, {
      means: 'Failed answers of one pod, one after the other, that make a version bad; its health, and its database.',
      from: 'A-RB-1, A-RB-4',
    }),
    hold: span('30s', 'How much longer an undecided window is watched before the release ends.'),
    freshness: span('5s', 'A pod that was last heard of longer ago than this leaves its gates undecided.'),
    restarts: defaulted(k.whole(0, 100), 0, {
      means: 'Restarts of one pod on trial that are still good.',
      from: 'GAP-10, ours',
    }),
    counts: comfort({
      answers: counted(20, 'Good answers on one path below which its errors are undecided.'),
      failures: counted(
        5,
        'Failed requests below which no share of them is a breach: above `errors` they leave it undecided.',
      ),
      recent: counted(
        40,
        'Requests in a row whose share of failures is judged by itself: who turns bad late is found as soon.',
      ),
      compared: counted(60, 'Good answers of each version below which `slower` is undecided.'),
      database: counted(3, 'Looks at one pod below which its database is undecided.'),
      readings: counted(2, 'Newest readings of `users` that have to be good.'),
    }),
    users: part({
      errors: defaulted(k.whole(0, 50), 5, {
        means:
          'Answers of 500 and above among those that users were given in half a minute, above which a version is bad, in percent; its health paths are left out. Read from the API by a Prometheus in the namespace. Left out with its group: releases are judged by questions of their own alone.',
        from: 'A-RB-2, E-RB-6, D-DEP-3',
      }),
      minimum: defaulted(k.whole(1, 100_000), 20, {
        means:
          'Requests of users in half a minute below which nothing is decided: without them no release is brought live. A canary has its share of them only.',
        from: 'GAP-10, ours',
      }),
      cpu: cpuRange('the Prometheus that releases are judged by'),
      memory: memoryRange('the Prometheus that releases are judged by'),
    }),
  }),
  backup: comfort({
    bucket: defaulted(k.bucketName, 'pre-release-backups', {
      means: 'Bucket of the dumps that are made before each attempt of a release. Nothing else is in it.',
      from: 'D-DEP-5, B-RB-2; the name is ours',
    }),
    keep: defaulted(k.whole(1, 3650), 30, { means: 'Days after which a dump goes by itself.', from: 'ours' }),
    space: defaulted(k.size('64Mi', '16Ti'), '10Gi', {
      means: 'What a dump may take on the node while it is made. Above it the backup fails, and no release begins.',
      from: 'ours',
    }),
    deadline: span('10m', 'How long dumping and storing may take.'),
  }),
  approvals: optional(k.roles, {
    means:
      'Roles that have to sign before a release begins: docs/runbooks/approve-a-release.md. Left out: nobody is asked.',
    from: 'B-SIGN-1, E-SIGN-1, D-DEP-5',
  }),
  attempt: defaulted(k.whole(1, 1000), 1, {
    means: 'Raised by one, a version that was rejected is tried again.',
    from: 'ours',
  }),
});
