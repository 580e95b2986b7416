import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../stacks/config/load.ts';
import { named, podOf, secretsIn, type Made } from '../support/mocks.ts';
import { composed, local } from './support/compose.ts';
import { changed, groupsOf, rawOf, type Groups } from './support/raw.ts';

const VARIABLES = ['ALPHA_VANTAGE_API_KEY', 'NEWSAPI_KEY', 'SENTRY_DSN'];
const AWS = { region: 'eu-west-1', role: 'arn:aws:iam::111122223333:role/reader', cidrs: ['192.0.2.0/24'] };
const VAULT = { server: 'https://vault.example.com:8200', role: 'shop', cidrs: ['198.51.100.0/24'] };

/** The small stack with what its secrets need, so that little is made. */
const external = (secrets: object, sources = 'on'): Groups => {
  const groups = changed(local(), 'secrets', { source: 'external', ...secrets });
  const reached = changed(groups, 'network.apiServer', { cidrs: ['10.199.0.0/16'], port: 6443 });
  return changed(changed(reached, 'addons.externalSecrets', 'install'), 'api.externalSources', sources);
};
const told = (made: readonly Made[], name: string) =>
  podOf(named(made, name === 'api' ? 'api-blue' : `${name}-deployment`)).spec as unknown as {
    initContainers: { envFrom: { secretRef?: { name: string } }[] }[];
    containers: { envFrom: { secretRef?: { name: string } }[] }[];
  };
const dataOf = (made: readonly Made[]) =>
  (named(made, 'outside-secrets-external').inputs['spec'] as { data: { secretKey: string; remoteRef: object }[] }).data;

test('with a manager outside, the three values stand in its Secret and in none of ours', async () => {
  const { made } = await composed(external({ aws: AWS }));
  const own = Object.keys(secretsIn(named(made, 'api-secrets')));
  assert.deepEqual(
    VARIABLES.filter((variable) => own.includes(variable)),
    [],
  );
  assert.deepEqual(
    dataOf(made),
    VARIABLES.map((property) => ({
      secretKey: property,
      remoteRef: { key: 'corporate-intel/local/api', property },
    })),
  );
  const { containers, initContainers } = told(made, 'api');
  for (const { envFrom } of [...containers, ...initContainers]) {
    assert.deepEqual(
      envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []),
      ['api-secrets', 'outside-secrets'],
    );
  }
  // `composed` hands a DSN to the program as well: nothing takes it.
  assert.equal(JSON.stringify(made.map(({ inputs }) => inputs)).includes('sentry.example.com'), false);
});

test('while outside sources are off, only what is used is asked for', async () => {
  const { made } = await composed(external({ aws: AWS }, 'off'));
  assert.deepEqual(
    dataOf(made).map(({ secretKey }) => secretKey),
    ['SENTRY_DSN'],
  );
  const { ALPHA_VANTAGE_API_KEY, NEWSAPI_KEY } = secretsIn(named(made, 'api-secrets'));
  assert.deepEqual([ALPHA_VANTAGE_API_KEY, NEWSAPI_KEY], ['disabled', 'disabled']);
});

test('workers read the same Secret; staging keeps it at AWS, production in Vault', async () => {
  for (const [stack, provider] of [
    ['staging', 'aws'],
    ['production', 'vault'],
  ] as const) {
    const { made } = await composed(groupsOf(stack));
    for (const { envFrom } of told(made, 'worker').containers) {
      assert.deepEqual(envFrom.at(-1)?.secretRef, { name: 'outside-secrets' }, stack);
    }
    const spec = named(made, 'secret-store-manager').inputs['spec'] as { provider: object };
    assert.deepEqual(Object.keys(spec.provider), [provider]);
    assert.partialDeepStrictEqual(dataOf(made)[0], { remoteRef: { key: `corporate-intel/${stack}/api` } });
  }
});

test('the operator reaches the manager that is described, at its port, and may change only what it keeps', async () => {
  const reached = async (secrets: object) => {
    const { made } = await composed(external(secrets, 'off'));
    const rules = named(made, 'external-secrets-operator-role-in-corporate-intel').inputs['rules'] as {
      resourceNames?: string[];
    }[];
    assert.deepEqual(new Set(rules.flatMap(({ resourceNames }) => resourceNames ?? [])), new Set(['outside-secrets']));
    return made
      .filter(({ name }) => /^external-secrets-guard-external-secrets-operator-to-.*-egress$/.test(name))
      .map(({ name }) => name.replace('external-secrets-guard-external-secrets-operator-to-', ''));
  };
  const always = ['api-server-6443-egress', 'dns-53-egress'];
  assert.deepEqual(await reached({ aws: AWS }), [...always, 'secrets-manager-443-egress']);
  assert.deepEqual(await reached({ vault: VAULT }), [...always, 'vault-8200-egress']);
});

test('an operator that is there already is not installed, and is asked all the same', async () => {
  const { made } = await composed(changed(external({ aws: AWS }), 'addons.externalSecrets', 'present'));
  assert.equal(
    made.some(({ name }) => name.startsWith('external-secrets')),
    false,
  );
  assert.equal(dataOf(made).length, 3);
});

test('one manager has to be described, and nothing may stand in the configuration', () => {
  const refused = (groups: Groups, message: RegExp, texts = {}, secretKeys: string[] = []) => {
    assert.throws(() => parse(rawOf(groups, texts, secretKeys), 'test'), { message });
  };
  refused(external({}), /secrets: found no manager; wanted one of secrets\.aws and secrets\.vault/);
  refused(external({ aws: AWS, vault: VAULT }), /secrets: found secrets\.aws and secrets\.vault; wanted one of/);
  const key = 'platform:sentryDsn';
  refused(
    external({ aws: AWS }),
    /sentryDsn: found a secret; wanted none while secrets\.source is "external".*run `pulumi config rm sentryDsn`/,
    { [key]: 'https://key@sentry.example.com/1' },
    [key],
  );
  refused(
    external({ vault: { ...VAULT, server: 'http://vault:8200' } }),
    /secrets\.vault\.server: found "http:\/\/vault:8200"; wanted https/,
  );
});
