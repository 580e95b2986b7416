/** When a container counts as started, ready and alive: the same patience for every server of the platform. */

/** What a probe does: run a command, ask over HTTP, or just connect. */
type Action =
  | { readonly exec: { command: string[] } }
  | { readonly httpGet: { path: string; port: string } }
  | { readonly tcpSocket: { port: string } };

/**
 * Probes around one question. A start may take five minutes (a log to replay, a file to read back); afterwards 15 s
 * without an answer take the pod out of its Service, and a minute restarts it (GAP-2: our defaults).
 *
 * @param ready asked to take traffic
 * @param alive asked to stay; defaults to the same question
 */
export const probes = (ready: Action, alive: Action = ready) => ({
  startupProbe: { ...alive, timeoutSeconds: 5, periodSeconds: 2, failureThreshold: 150 },
  readinessProbe: { ...ready, timeoutSeconds: 5, periodSeconds: 5, failureThreshold: 3 },
  livenessProbe: { ...alive, timeoutSeconds: 5, periodSeconds: 10, failureThreshold: 6 },
});
