/** What the edge is asked: attacks it has to refuse, and requests it has to let through; and how its answers are read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../../../infra/sandbox/host/paths.ts';
import { ask, type Ask, type Door } from './client.ts';

interface Attack extends Omit<Ask, 'body'> {
  readonly kind: string;
  readonly json?: unknown;
  readonly form?: string;
}
export const ATTACKS = JSON.parse(
  readFileSync(join(CHECKOUT, 'test/e2e/support/edge/attacks.json'), 'utf8'),
) as readonly Attack[];

/** A's and E's smoke requests, with what the product answers. */
const JSON_BODY = { 'content-type': 'application/json' };
export const SMOKE: readonly (Ask & { readonly status: number })[] = [
  { path: '/health', status: 200 },
  { path: '/api/v1/companies/search?q=Apple', status: 200 },
  { path: '/api/v1/market/quotes?symbols=AAPL', status: 200 },
  {
    ...{ method: 'POST', path: '/api/v1/auth/login', headers: JSON_BODY, status: 401 },
    body: JSON.stringify({ username: 'test', password: 'test' }),
  },
  {
    // A good password looks like an attack: nobody reads it.
    ...{ method: 'POST', path: '/api/v1/auth/login', headers: JSON_BODY, status: 401 },
    body: JSON.stringify({ username: 'test', password: `' OR 1=1; <script>--${'x'.repeat(20)}` }),
  },
];

const asked = ({ kind: _kind, json, form, headers, ...rest }: Attack): Ask => ({
  ...rest,
  headers: {
    ...(json !== undefined && JSON_BODY),
    ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    ...headers,
  },
  body: json === undefined ? (form ?? '') : JSON.stringify(json),
});

/** The attacks that were not answered with 403, each with what it was answered with. */
export async function passing(door: Door, tls: boolean): Promise<string[]> {
  const through = [];
  for (const attack of ATTACKS) {
    const { status } = await ask(door, { ...asked(attack), tls });
    if (status !== 403) through.push(`${attack.kind} ${status} ${JSON.stringify(attack)}`);
  }
  return through;
}

export const SECURITY = {
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'self'",
};
export const TRANSPORT = { 'strict-transport-security': 'max-age=31536000' };

/** The values that an answer gives for E's four headers, all of them, so that a doubled one is seen. */
export function security(raw: readonly string[]): Record<string, string> {
  const names = Object.keys({ ...SECURITY, ...TRANSPORT });
  const pairs = raw.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1]!] as const] : []));
  const found = Map.groupBy(
    pairs.filter(([name]) => names.includes(name)),
    ([name]) => name,
  );
  return Object.fromEntries([...found].map(([name, values]) => [name, values.map(([, value]) => value).join(' and ')]));
}
