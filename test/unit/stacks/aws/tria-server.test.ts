/** C's server where the stack makes it: who the cloud lets in. What the host itself lets in is the same list. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Made } from '../../support/mocks.ts';
import { groupsOf } from '../support/raw.ts';
import { triaOf } from '../support/tria.ts';

/** What is made with these settings of nginx. */
async function madeWith(
  nginx: Record<string, unknown>,
  secrets: Record<string, string> = {},
): Promise<readonly Made[]> {
  const groups = groupsOf('tria-staging');
  return (await triaOf({ ...groups, nginx: { ...groups['nginx'], ...nginx } }, secrets)).made;
}

/** The ports that everybody may come in by, in ascending order. */
const open = (made: readonly Made[]): number[] =>
  made
    .filter(({ type, inputs }) => type.endsWith(':SecurityGroupIngressRule') && inputs['cidrIpv4'] === '0.0.0.0/0')
    .map(({ inputs }) => inputs['fromPort'] as number)
    .toSorted((a, b) => a - b);

const userData = (made: readonly Made[]): string =>
  made.find(({ type }) => type.endsWith(':Instance'))!.inputs['userData'] as string;

const pem = (what: string): string => `-----BEGIN ${what}-----\n${what}\n-----END ${what}-----\n`;
const TLS = { tlsCertificate: pem('CERTIFICATE'), tlsKey: pem('PRIVATE KEY') };

describe('what a server of the chatbot lets in from everywhere', () => {
  test('is 80 and 443, also before there is TLS: turned on later, it leaves the server alone (C-NET-1)', async () => {
    const clear = await madeWith({});
    const secured = await madeWith({ tls: { host: 'chat.example.com' } }, TLS);
    assert.deepEqual(open(clear), [80, 443]);
    assert.deepEqual(open(secured), [80, 443]);
    assert.match(userData(clear), /^443 0\.0\.0\.0\/0$/m);
    assert.equal(userData(secured), userData(clear));
  });

  test('is where nginx listens when the stack has put it elsewhere', async () => {
    assert.deepEqual(open(await madeWith({ port: 8080 })), [443, 8080]);
    assert.deepEqual(
      open(await madeWith({ port: 8080, tls: { host: 'chat.example.com', port: 8443 } }, TLS)),
      [8080, 8443],
    );
  });

  test('is 443 once when nginx listens there in the clear', async () => {
    assert.deepEqual(open(await madeWith({ port: 443 })), [443]);
  });
});
