/**
 * Signatures of requests to an object store (AWS Signature Version 4). Pure.
 *
 * This folder travels into the cluster as it is: it may import Node's own modules and its siblings, nothing else.
 */
import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

export interface Unsigned {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names. The host and the two that a signature adds are left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body's SHA-256 in hexadecimal digits: the store refuses another body. */
  readonly sha256: string;
}

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** As RFC 3986 has it: `encodeURIComponent` leaves five characters alone that a signature does not. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const sorted = (pairs: readonly (readonly [string, string])[]): (readonly [string, string])[] =>
  pairs.toSorted(([a], [b]) => (a < b ? -1 : 1));

/** The headers to send, signature included. */
export function signed(
  request: Unsigned,
  { accessKey, secretKey, region }: Credentials,
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-content-sha256': request.sha256,
    'x-amz-date': time,
  };
  const listed = sorted(Object.entries({ ...headers, host: request.url.host }));
  const names = listed.map(([name]) => name).join(';');
  const query = sorted([...request.url.searchParams].map(([key, value]) => [encoded(key), encoded(value)]));
  const canonical = [
    request.method,
    request.url.pathname,
    query.map(([key, value]) => `${key}=${value}`).join('&'),
    ...listed.map(([name, value]) => `${name}:${value.trim()}`),
    '',
    names,
    request.sha256,
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization };
}
