/**
 * What the scanners find in production and why it stays: the one place for it. An answer that answers nothing any more
 * fails the test, and so does a finding without one.
 */
import type { Finding } from './scanners.ts';

export interface Answer {
  readonly tool: Finding['tool'];
  readonly check: string;
  /** Which objects it speaks for. */
  readonly objects: RegExp;
  /** Which of what the check says; without it, all. */
  readonly says?: RegExp;
  /** Why it is right as it is. */
  readonly reason: string;
}

const BY_DIGEST =
  'Production refuses an update until every image is named by its digest, which `make pin` asks the registry for. What a digest names cannot change, so asking again at each start would only tie every restart to the registry.';

const PUBLIC_USERS =
  'The number is the one that the files of the public image belong to; under another the program cannot read its own files. No host user shares it on a node that runs nothing but pods, the pods have no host paths, and Pod Security `restricted` holds.';

const NAMED_VARIABLES =
  'A-ENV names the variables that the API reads, secret ones among them; every one comes from a Secret by reference. The server of another component reads its password from a file.';

const COMES_AND_GOES =
  'Its pods are not always there: cert-manager runs a solver for the seconds of a challenge, and backups come with the step that schedules them. The edge is declared, and tried by the truth table with a stand-in.';

const ONE_ADD_ON =
  'One replica is enough for an add-on: while it starts again nothing that is served stops, only scaling and issuing wait for those seconds. A second replica of these would take a leader election that the first does not need.';

export const ANSWERS: readonly Answer[] = [
  {
    ...{ tool: 'kube-score', check: 'networkpolicy-targets-pod' },
    objects: /^NetworkPolicy [^/]+\/(backup-to-|edge-to-acme-solver-)/,
    reason: COMES_AND_GOES,
  },
  { tool: 'kube-score', check: 'service-targets-pod', objects: /\/acme-solver$/, reason: COMES_AND_GOES },
  {
    ...{ tool: 'kube-score', check: 'deployment-replicas' },
    objects: /^Deployment (keda|prometheus-adapter|cert-manager)\//,
    reason: ONE_ADD_ON,
  },
  { tool: 'kube-score', check: 'container-image-pull-policy', objects: /./, reason: BY_DIGEST },
  { tool: 'checkov', check: 'CKV_K8S_15', objects: /./, reason: BY_DIGEST },
  { tool: 'checkov', check: 'CKV_K8S_43', objects: /./, reason: BY_DIGEST },
  {
    ...{ tool: 'kube-score', check: 'container-security-context-user-group-id' },
    objects: /^(StatefulSet|Deployment|Job) /,
    reason: PUBLIC_USERS,
  },
  { tool: 'checkov', check: 'CKV_K8S_40', objects: /^(StatefulSet|Deployment|Job) /, reason: PUBLIC_USERS },
  { tool: 'checkov', check: 'CKV_K8S_35', objects: /./, reason: NAMED_VARIABLES },
];

export const answers = (answer: Answer, { tool, check, object, says }: Finding): boolean =>
  answer.tool === tool &&
  answer.check === check &&
  answer.objects.test(object) &&
  (answer.says === undefined || answer.says.test(says));
