import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Duration } from '../../../../components/core/index.ts';
import { ExternalSecret, SecretStore, type Manager } from '../../../../components/secrets/index.ts';
import { named, planned } from '../../support/mocks.ts';

const COMMON = { namespace: 'shop', partOf: 'shop' };
const store = (manager: Manager) =>
  planned(() => new SecretStore('store', { ...COMMON, account: 'reader', manager }, {}));
const AWS: Manager = { kind: 'aws', region: 'eu-west-1', role: 'arn:aws:iam::111122223333:role/reader' };
const VAULT: Manager = {
  ...{ kind: 'vault', server: 'https://vault.example.com:8200', engine: 'secret' },
  ...{ authentication: 'kubernetes', role: 'shop' },
};

test('AWS is signed in to by the role of the account, and by no key', async () => {
  const made = await store(AWS);
  const { annotations, name } = named(made, 'store-account').inputs['metadata'] as Record<string, unknown>;
  assert.equal(name, 'reader');
  assert.deepEqual(annotations, { 'eks.amazonaws.com/role-arn': AWS.role });
  assert.deepEqual(named(made, 'store-manager').inputs['spec'], {
    provider: {
      aws: { service: 'SecretsManager', region: 'eu-west-1', auth: { jwt: { serviceAccountRef: { name: 'reader' } } } },
    },
  });
});

test('Vault is shown a token that is made out to it, and has an authority where it is not a public one', async () => {
  const auth = {
    kubernetes: { mountPath: 'kubernetes', role: 'shop', serviceAccountRef: { name: 'reader', audiences: ['vault'] } },
  };
  const plain = { server: VAULT.server, path: 'secret', version: 'v2', auth };
  const made = await store(VAULT);
  assert.deepEqual(named(made, 'store-manager').inputs['spec'], { provider: { vault: plain } });
  assert.equal('annotations' in (named(made, 'store-account').inputs['metadata'] as object), false);
  assert.deepEqual(named(await store({ ...VAULT, authority: 'vault-ca' }), 'store-manager').inputs['spec'], {
    provider: { vault: { ...plain, caProvider: { type: 'Secret', name: 'vault-ca', key: 'ca.crt' } } },
  });
});

const external = async (every: Duration, fields: readonly string[] = ['B_KEY', 'A_KEY']) => {
  const made = await planned(
    () =>
      new ExternalSecret(
        'keys',
        {
          ...{ ...COMMON, secretName: 'keys', every, store: { reference: { kind: 'SecretStore', name: 'store' } } },
          values: Object.fromEntries(fields.map((field) => [field, { entry: 'shop/staging/api', field }])),
        },
        {},
      ),
  );
  return { made, spec: named(made, 'keys-external').inputs['spec'] as Record<string, unknown> };
};

test('an ExternalSecret says where values are; what they are, nothing that we make says', async () => {
  const { made, spec } = await external('1h');
  assert.deepEqual(spec, {
    refreshInterval: '1h0m0s',
    secretStoreRef: { kind: 'SecretStore', name: 'store' },
    target: { name: 'keys', creationPolicy: 'Owner', deletionPolicy: 'Retain' },
    data: [
      { secretKey: 'A_KEY', remoteRef: { key: 'shop/staging/api', property: 'A_KEY' } },
      { secretKey: 'B_KEY', remoteRef: { key: 'shop/staging/api', property: 'B_KEY' } },
    ],
  });
  assert.deepEqual(
    made.filter(({ type }) => type.endsWith(':Secret')),
    [],
  );
});

test('its interval is spelled as the operator writes it back', async () => {
  const spelled = async (every: Duration) => (await external(every)).spec['refreshInterval'];
  assert.deepEqual(
    [await spelled('45s'), await spelled('30m'), await spelled('90m'), await spelled('1d')],
    ['45s', '30m0s', '1h30m0s', '24h0m0s'],
  );
});

test('one without values is refused', async () => {
  await assert.rejects(external('1h', []), /ExternalSecretArgs\.values: found none; wanted at least one value/);
});
