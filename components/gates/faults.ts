/** The words for what goes wrong between a gate and what it watches: short, the same for every probe, no stack traces. */
import { bounded } from './judge.ts';

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset before the answer was complete',
  EPIPE: 'connection closed by the other side',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name does not resolve at the moment',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
};

const TLS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate comes from an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate comes from an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate comes from an authority that is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  EPROTO: 'the other side does not speak TLS',
};

const codeOf = (thrown: unknown): string | number | undefined =>
  typeof thrown === 'object' && thrown !== null ? (thrown as { code?: string | number }).code : undefined;

/** A certificate or handshake that was refused. The other side answered; its answer is not to be trusted. */
export function tlsFault(thrown: unknown): string | undefined {
  const code = codeOf(thrown);
  if (typeof code !== 'string') return undefined;
  if (Object.hasOwn(TLS, code)) return `TLS: ${TLS[code]!}`;
  return code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') ? `TLS: ${messageOf(thrown)}` : undefined;
}

/** Anything that was thrown, in one line for evidence. The caller takes secrets out of it. */
export function explain(thrown: unknown): string {
  const code = codeOf(thrown);
  if (typeof code === 'string' && Object.hasOwn(NETWORK, code)) return NETWORK[code]!;
  const answered = typeof code === 'number' ? kubernetes(code, thrown) : undefined;
  // Node wraps the attempts on several addresses, and fetch says why it failed only in its cause.
  const inner = thrown instanceof AggregateError ? (thrown.errors[0] as unknown) : causeOf(thrown);
  return answered ?? tlsFault(thrown) ?? (inner === undefined ? messageOf(thrown) : explain(inner));
}

const causeOf = (thrown: unknown): unknown =>
  thrown instanceof TypeError && thrown.message === 'fetch failed' ? thrown.cause : undefined;

function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return bounded(text === '' ? 'an error without a message' : text, 300);
}

/** The API server's refusals carry a Status object; its message names object and cause. */
function kubernetes(code: number, thrown: unknown): string | undefined {
  const { body } = thrown as { body?: unknown };
  if (body === undefined) return undefined;
  const said = typeof body === 'string' ? (/"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body) : body;
  const text = typeof said === 'string' ? said : ((said as { message?: string }).message ?? '');
  return bounded(`the Kubernetes API answered ${code}: ${text.replaceAll('\\"', '"')}`, 300);
}
