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

const ONE_SIGN =
  'The program has one sign of life and no other. Ready and alive ask it with different patience: 15 s without an answer take the pod out of its Service, a minute restarts it.';

const NAMED_MEMBERS =
  'It leads to the pods that a label of the moment picks, which the program sets while it runs: the one that may write, those that only read, one member by its name. A template cannot carry them.';

const SPEAKS_TO_CLUSTER =
  'It is a client of the Kubernetes API, which is its work, and its Role holds no more than that takes. All other pods have no token.';

const BY_NAME_ONLY =
  'The rule reads every binding of a cluster role as a right to Secrets. This one may read measurements of one group and nothing else; a metric is called whatever the autoscaler asks for, so names cannot be listed.';

const WEBHOOK_KEEPER =
  "It writes the authority of cert-manager's own webhooks into their configurations, and may change just those two, by name.";

const WATCHED_BESIDE =
  'The server has its probes. This container beside it only hands a renewed certificate to the server; when it ends, the kubelet starts it again.';

const FIRST_ONLY =
  'The number is for the moment of its making and is never put back: a release owns the size of both sides, and the autoscaler that of the live one.';

const NO_USERS_NEED_IT =
  'Nobody’s traffic rests on it. Releases alone ask it, and one that finds it away is not brought live; two would count the same requests apart.';

export const ANSWERS: readonly Answer[] = [
  { tool: 'kube-score', check: 'deployment-replicas', objects: /\/prometheus$/, reason: NO_USERS_NEED_IT },
  {
    ...{ tool: 'kube-score', check: 'deployment-targeted-by-hpa-does-not-have-replicas-configured' },
    objects: /^Deployment .*\/api-(blue|green)$/,
    reason: FIRST_ONLY,
  },
  {
    ...{ tool: 'kube-score', check: 'networkpolicy-targets-pod' },
    objects: /^NetworkPolicy [^/]+\/(backup-to-|edge-to-acme-solver-)/,
    reason: COMES_AND_GOES,
  },
  { tool: 'kube-score', check: 'service-targets-pod', objects: /\/acme-solver$/, reason: COMES_AND_GOES },
  { tool: 'kube-score', check: 'pod-probes-identical', objects: /^(Deployment|StatefulSet) /, reason: ONE_SIGN },
  {
    tool: 'kube-score',
    check: 'service-targets-pod',
    objects: /\/(postgres|postgres-read|redis-\d)$/,
    reason: NAMED_MEMBERS,
  },
  { tool: 'checkov', check: 'CKV_K8S_38', objects: /./, reason: SPEAKS_TO_CLUSTER },
  { tool: 'checkov', check: 'CKV2_K8S_5', objects: /^ClusterRoleBinding /, reason: BY_NAME_ONLY },
  { tool: 'checkov', check: 'CKV_K8S_49', objects: /^ClusterRole (keda|prometheus-adapter)-/, reason: BY_NAME_ONLY },
  { tool: 'checkov', check: 'CKV_K8S_155', objects: /^ClusterRole cert-manager-cainjector$/, reason: WEBHOOK_KEEPER },
  { tool: 'checkov', check: 'CKV_K8S_8', objects: /\/postgres$/, reason: WATCHED_BESIDE },
  { tool: 'checkov', check: 'CKV_K8S_9', objects: /\/postgres$/, reason: WATCHED_BESIDE },
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
