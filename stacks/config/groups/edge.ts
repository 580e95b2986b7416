/** The edge: the host names, and what stands between clients and them. */
import * as k from '../kinds.ts';
import { comfort, defaulted, listed, optional, part, stated } from '../setting.ts';
import { ours } from './common.ts';

const annotations: k.Kind<Readonly<Record<string, string>>> = {
  wanted: 'names of annotations, each with a text in quotes',
  accepts: (value): value is Readonly<Record<string, string>> =>
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.entries(value).every(([key, text]) => /^[A-Za-z0-9./_-]{1,253}$/.test(key) && typeof text === 'string'),
};

/** What a console of its own needs: inline styles and scripts, images out of its data, and a socket for live views (GAP-16). */
const CONSOLE_POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws: wss:";

const policy = k.text(
  /^[^"\\$\x00-\x1f\x7f]{1,1000}$/,
  'a policy on one line, without double quotes, backslashes and dollar signs',
);

export const edge = comfort({
  kind: defaulted(k.choice('none', 'nginx', 'ingress', 'gateway'), 'none', {
    means:
      'What clients outside reach: nothing, an NGINX of our own, or the Ingress controller or the Gateway that the cluster has already. Rate limit, CORS at the edge and firewall come with `nginx` alone: the other two have no common words for them.',
    from: 'D-ING-1, A-TOPO-7, CONF-34',
  }),
  storageHost: optional(k.hostName, {
    means: 'Host name of the object store. Left out: it is not reached from outside.',
    from: 'A-DNS-2',
  }),
  monitoring: part({
    host: stated(k.hostName, { means: 'Host name of the monitoring.', from: 'A-DNS-3' }),
    service: stated(k.dnsLabel, {
      means: 'Service that answers there, in this namespace. It may come later; until then the answer is 502.',
      from: 'A-DNS-3, ours',
    }),
    port: stated(k.port, { means: 'Port of that Service.', from: 'A-PORT-9' }),
    contentSecurityPolicy: defaulted(policy, CONSOLE_POLICY, {
      means: "`Content-Security-Policy` of that host: consoles do not run under E's own.",
      from: 'E-HDR-4, GAP-16',
    }),
  }),
  exposure: comfort({
    kind: defaulted(k.choice('none', 'nodePort', 'loadBalancer'), 'loadBalancer', {
      means: 'How `nginx` is reached: from inside alone, on ports of the nodes, or on 80 and 443 of a load balancer.',
      from: 'A-TOPO-7, GAP-17',
    }),
    http: defaulted(k.port, 30081, { means: 'Node port in the clear, for `nodePort`.', from: ours }),
    https: defaulted(k.port, 30443, { means: 'Node port of TLS, for `nodePort`. Redirects name it.', from: ours }),
    nlb: defaulted(k.choice('off', 'internal', 'internet-facing'), 'off', {
      means:
        'Annotations for a Network Load Balancer of AWS, and who may reach it. It asks the pods for their health from its own addresses, so `network.clients` has to hold the subnets of the VPC. Needs `addons.loadBalancerController`.',
      from: 'GAP-17, ours',
    }),
  }),
  proxies: part({
    tell: stated(k.choice('proxyProtocol', 'forwardedFor'), {
      means:
        'How a proxy before the edge hands on the address of the client. With `proxyProtocol` every connection has to begin with it. The group left out: the address is that of the connection.',
      from: 'GAP-5, ours',
    }),
    trusted: listed(k.cidr, { means: 'Networks of those proxies. Nobody else is believed.', from: 'GAP-5, ours' }),
  }),
  replicas: defaulted(k.whole(1, 50), 2, {
    means: 'Pods of the edge. From 2 on, a drain takes them one at a time.',
    from: 'D-K8S-9, ours',
  }),
  cpu: comfort({
    request: defaulted(k.cpu('10m', '64'), '100m', {
      means: 'Processor time reserved for one pod.',
      from: 'GAP-7, ours',
    }),
    limit: defaulted(k.cpu('10m', '64'), '1', {
      means: 'Processor time above which one pod is throttled. One worker runs for each whole core.',
      from: 'GAP-7, ours',
    }),
  }),
  memory: defaulted(k.size('64Mi', '64Gi'), '256Mi', {
    means: 'Memory of one pod, reserved and limit.',
    from: 'GAP-7, ours',
  }),
  rateLimit: comfort({
    perSecond: defaulted(k.whole(1, 100_000), 50, {
      means:
        'Requests a second that one address may send, over all hosts. What one identity may is `api.rateLimitPerMinute`.',
      from: 'D-ING-1, GAP-5',
    }),
    burst: defaulted(k.whole(0, 1_000_000), 100, {
      means: 'Requests at once that are let through beyond that; the rest gets 429.',
      from: 'D-ING-1, GAP-5',
    }),
  }),
  waf: comfort({
    mode: defaulted(k.choice('off', 'detect', 'block'), 'off', {
      means:
        'ModSecurity with the OWASP core rules before the API: not there, only written to the log, or answered with 403. Switching between off and the others is another image.',
      from: 'D-ING-1, D-ING-3, CONF-46',
    }),
    paranoia: defaulted(k.whole(1, 4), 1, {
      means: 'Paranoia level of the rules. Above 1, first run with `detect` and write exclusions.',
      from: 'D-ING-3, ours',
    }),
    threshold: defaulted(k.whole(1, 1000), 5, {
      means: 'Anomaly score from which a request is refused. One critical finding scores 5.',
      from: 'D-ING-3, ours',
    }),
  }),
  maxBody: defaulted(k.size('1Mi', '1Gi'), '10Mi', {
    means: 'Largest request body to the API and the monitoring; 413 above. The firewall holds it in memory.',
    from: 'GAP-5, ours',
  }),
  maxUpload: defaulted(k.size('1Mi', '1Ti'), '5Gi', {
    means: 'Largest request body to the object store. It is handed on as it arrives.',
    from: 'GAP-5, ours',
  }),
  answerWithin: defaulted(k.duration('1s', '1h'), '60s', {
    means: 'How long what answers behind the edge may be silent; 504 after it.',
    from: 'GAP-5, ours',
  }),
  resolver: defaulted(k.hostName, 'kube-dns.kube-system.svc.cluster.local', {
    means: "The cluster's DNS, by name or address: Services that come and go are looked up there.",
    from: ours,
  }),
  drain: defaulted(k.duration('1s', '10m'), '15s', {
    means:
      'How long a leaving pod goes on serving, while load balancers notice. A rollout takes that long for each pod.',
    from: 'GAP-17, ours',
  }),
  rolloutDeadline: defaulted(k.duration('30s', '1h'), '180s', {
    means: 'How long a rollout may go without progress before it, and the update, has failed.',
    from: 'A-GATE-9, ours',
  }),
  ingress: part({
    className: stated(k.dnsLabel, { means: "IngressClass of the cluster's controller.", from: 'D-K8S-11, ours' }),
    annotations: defaulted(
      annotations,
      {},
      {
        means: "The controller's own annotations, as they are: its limits, its CORS, its firewall.",
        from: 'D-ING-1, ours',
      },
    ),
  }),
  gateway: part({
    className: optional(k.dnsLabel, {
      means: 'GatewayClass of a Gateway to make. Left out: the Gateway named by `gateway.name` is used.',
      from: 'D-K8S-11, ours',
    }),
    name: optional(k.dnsLabel, {
      means: 'A Gateway of the cluster, whose listeners are called `http-<host>` and `https-<host>`, dots as hyphens.',
      from: 'D-K8S-11, ours',
    }),
    namespace: optional(k.dnsLabel, { means: 'The namespace of that Gateway.', from: 'D-K8S-11, ours' }),
  }),
  controller: part({
    namespace: stated(k.dnsLabel, {
      means: 'Where the pods of the controller or the Gateway run: the fence lets them in.',
      from: 'D-NET-1, GAP-4',
    }),
    pods: stated(annotations, { means: 'Labels of those pods.', from: 'D-NET-1, GAP-4' }),
  }),
});
