/** The defects that the tests of releases have to catch. */
import type { Defect } from './plant.ts';

const release = (name: string): string => `components/release/${name}.ts`;
const caught = (file: string, test: string): Defect['caughtBy'] => ({
  file: `test/unit/components/release/${file}.test.ts`,
  test,
});

export const RELEASE: readonly Defect[] = [
  {
    harm: 'a runner that was replaced goes on writing',
    file: release('runner/fence'),
    right: '[test, ...operations]',
    wrong: 'operations',
    caughtBy: caught(
      'runner/fence',
      'of two runners of one order the later goes on, and the earlier writes nothing more',
    ),
  },
  {
    harm: 'two processes of one order have the same token',
    file: release('runner/fence'),
    right: 'claimed === epoch ? run + 1 : 1',
    wrong: 'claimed === epoch ? Math.max(run, 1) : 1',
    caughtBy: caught(
      'runner/fence',
      'of two runners of one order the later goes on, and the earlier writes nothing more',
    ),
  },
  {
    harm: 'a runner of an old order takes the Service from a newer one',
    file: release('runner/fence'),
    right: 'epoch > otherEpoch ||',
    wrong: 'epoch < 0 ||',
    caughtBy: caught('runner/fence', 'an object that a later run holds is not taken from it'),
  },
  {
    harm: 'an engine that comes late overwrites the order of another',
    file: release('orders'),
    right: "{ op: 'test', path: '/data/epoch', value: String(before) },",
    wrong: '',
    caughtBy: caught('host', 'of two engines that order at the same moment one loses'),
  },
  {
    harm: 'a second engine undoes the release that the first one waits for',
    file: release('prepare-run'),
    right: 'await isFollowed(way)',
    wrong: 'false',
    caughtBy: caught(
      'host',
      'a run of another release that an engine waits for is left alone, and the second engine refused',
    ),
  },
  {
    harm: 'traffic that was moved by hand goes unseen',
    file: release('as-left'),
    right: 'services.every((service) => leadsTo(service, template, side, traffic.alone)) &&',
    wrong: '',
    caughtBy: caught('host', 'traffic or a template that was changed by hand is put back'),
  },
  {
    harm: 'a rejected version is tried again at every up',
    file: release('runner/journal'),
    right: "final.verdict === 'rejected' &&",
    wrong: 'digest === undefined &&',
    caughtBy: caught('host', 'a rejected version is refused with its reasons, by both, until its attempt is raised'),
  },
  {
    harm: 'an image that did not come in time condemns its version for ever',
    file: release('runner/journal'),
    right: "final.verdict === 'rejected' &&",
    wrong: '',
    caughtBy: caught('host', 'what could not be told is an error, and is tried again without more ado'),
  },
  {
    harm: 'an app that waits for its database by ending once is rejected',
    file: release('runner/moves'),
    right: 'ends(status) >= crashes',
    wrong: 'ends(status) >= 1',
    caughtBy: caught(
      'resources',
      'a container that ends once or twice may be waiting for its database; the third time it does not start',
    ),
  },
  {
    harm: 'a registry that is slow is taken for an image that does not exist',
    file: release('runner/moves'),
    right: '&& NOT_THERE.test(message)',
    wrong: '',
    caughtBy: caught('resources', 'an image that is not there is hopeless; a registry that does not answer is not'),
  },
  {
    harm: 'the record grows until the API server refuses it',
    file: release('runner/record'),
    right: '.slice(-MOST_REJECTED)',
    wrong: '',
    caughtBy: caught('host', 'rejections are remembered up to twenty, the latest of each version'),
  },
  {
    harm: 'a release is prepared without its approvals: backup and migration run before anybody has signed',
    file: release('prepare-run'),
    right: 'approvedBy(await approved(record, inputs))',
    wrong: 'approvedBy([])',
    caughtBy: caught(
      'approved',
      'neither part begins anything without a signature: not the release, nor the undoing of what is there',
    ),
  },
  {
    harm: 'a release whose preparation was left out goes live without its approvals',
    file: release('release-run'),
    right: "if (phase === 'settled') await approved(found, inputs);",
    wrong: '',
    caughtBy: caught(
      'approved',
      'neither part begins anything without a signature: not the release, nor the undoing of what is there',
    ),
  },
  {
    harm: 'a rollback at night waits for four signatures',
    file: release('approved'),
    right: '!wasLive(record, digest) ||',
    wrong: 'digest !== undefined ||',
    caughtBy: caught(
      'approved',
      'what is live needs none, and what was live before neither, unless it was sent away since',
    ),
  },
  {
    harm: 'a version that was sent away comes back with nobody asked',
    file: release('approved'),
    right: '|| record.rejected.some((rejection) => rejection.digest === digest)',
    wrong: '',
    caughtBy: caught(
      'approved',
      'what is live needs none, and what was live before neither, unless it was sent away since',
    ),
  },
  {
    harm: 'people sign one template, and another one runs',
    file: release('approved'),
    right: '!isIntact({ ...inputs.template })',
    wrong: 'inputs.name === undefined',
    caughtBy: caught('approved', 'a hash that its template does not have cannot be approved'),
  },
  {
    harm: 'an engine runs over a release that another one has begun during its migration',
    file: release('release-run'),
    right: "phase !== 'settled' && !isOurs",
    wrong: "phase === 'ordered' && !isOurs",
    caughtBy: caught('host', 'an engine that orders while another one is between its two parts is not run over'),
  },
  {
    harm: 'what is live cannot be deployed any more once its attempt is lowered again',
    file: release('host'),
    right: "if (phase === 'settled' && good?.digest === digest) return undefined;",
    wrong: '',
    caughtBy: caught('host', 'what is live is not refused, whatever stands against it'),
  },
  {
    harm: 'the next up brings back what an operator has just sent away',
    file: release('runner/journal'),
    right: '...(order.leaves && {',
    wrong: '...(digest === undefined && {',
    caughtBy: caught(
      'back',
      'traffic goes back to pods that still run, what is left is rejected with the reason, and its pods go',
    ),
  },
  {
    harm: 'what was sent away may come back without being judged, because its pods still stand',
    file: release('runner/journal'),
    right: 'order.leaves ? Date.now() :',
    wrong: '',
    caughtBy: caught(
      'back',
      'traffic goes back to pods that still run, what is left is rejected with the reason, and its pods go',
    ),
  },
  {
    harm: 'who runs a rollback again because its second part failed goes one version too far',
    file: release('back'),
    right: 'to === undefined && isHalf',
    wrong: 'to === undefined && history.length === 0',
    caughtBy: caught('back', 'a rollback whose second part is missing is ended, and does not go further back'),
  },
  {
    harm: 'a rollback goes back to a version that was found bad since',
    file: release('back'),
    right: 'others.findLast((past) => !isLeft(past))',
    wrong: 'others.at(-1)',
    caughtBy: caught(
      'back',
      'without a word it goes to the last version before the live one that nobody has rejected since',
    ),
  },
  {
    harm: 'the time left is wrong by what the clocks of engine and cluster differ',
    file: release('report/progress'),
    right: 'until - at',
    wrong: 'until - Date.now()',
    caughtBy: caught(
      'report/report',
      'who waits is told step, weight, verdicts, and the time left of the window and of all windows, by the runner’s clock',
    ),
  },
  {
    harm: 'a rollback takes the present configuration for the one of then',
    file: 'infra/sandbox/engine/past.ts',
    right: 'if (secret !== true) return [key, objectValue ?? value];',
    wrong: 'if (secret !== true) return [key, present[key]];',
    caughtBy: {
      file: 'test/unit/infra/sandbox/engine/past.test.ts',
      test: 'the configuration of then has its own values, and today’s secrets and what opens them',
    },
  },
  {
    harm: 'Services that others come in by stay on the side that goes to rest',
    file: release('runner/traffic-service'),
    right: 'servicesOf(at, traffic).map(lead)',
    wrong: 'servicesOf(at, traffic).slice(0, 1).map(lead)',
    caughtBy: caught(
      'runner/walk',
      'Services that follow lead where the workload\'s own does, after one that acts "good"',
    ),
  },
  {
    harm: 'the shares of the edge are moved by hand and nobody sees it',
    file: release('as-left'),
    right: 'return split !== undefined && isSame(fromData(split.data), greens(side, 100));',
    wrong: 'return split !== undefined;',
    caughtBy: caught(
      'host',
      'a split that was changed by hand, or has only just come to a workload on green, is put right',
    ),
  },
  {
    harm: 'clients inside go to the new version while the edge gives it a tenth',
    file: release('runner/traffic-nginx'),
    right: 'edge.settle(fence, at, wanted), weight === 100 ? pick(ground, side) : undefined',
    wrong: 'edge.settle(fence, at, wanted), pick(ground, side)',
    caughtBy: caught('runner/traffic-nginx', 'a good one goes 10, 50, 100; the Service follows at the end'),
  },
  {
    harm: 'a run that was replaced goes on telling the edge its old shares',
    file: release('runner/traffic-nginx'),
    right: 'holder !== undefined &&',
    wrong: 'holder === "nobody" &&',
    caughtBy: caught('runner/traffic-nginx', 'are told nothing more by a run that was replaced'),
  },
  {
    harm: 'a share counts as moved while a pod of the edge has not taken it',
    file: release('runner/edge-pods'),
    right: 'return whys.find((why) => why !== undefined);',
    wrong: 'return whys.length > 99 ? whys[0] : undefined;',
    caughtBy: caught(
      'runner/traffic-nginx',
      'a pod of the edge that does not take its share ends the release, and says so',
    ),
  },
  {
    harm: 'one slow pod hides for seconds that another fails',
    file: release('runner/watch'),
    right: "for (const path of paths) void this.#ask(target, path, 'http');",
    wrong: "for (const path of paths) if (target === targets[0]) void this.#ask(target, path, 'http');",
    caughtBy: caught(
      'runner/watch',
      'a pod that takes its time holds up nobody else’s failure, and a failure ends the wait for one',
    ),
  },
  {
    harm: 'a version that has no users yet waits for them, and is never brought live',
    file: release('runner/judging'),
    right: " && this.#journal.phase !== 'candidate'",
    wrong: '',
    caughtBy: caught(
      'runner/metrics',
      'without traffic a version is not judged by users it cannot have; with it, by those of its own pods',
    ),
  },
  {
    harm: 'an edge sends every request to blue, whatever its share',
    file: 'components/edge/split.ts',
    right: '{ set $${variable} ${green}; }',
    wrong: '{ set $${variable} ${blue}; }',
    caughtBy: {
      file: 'test/unit/components/edge/nginx.test.ts',
      test: 'an upstream with two sides is green’s where a file of the request’s bucket stands, and blue’s otherwise',
    },
  },
];
