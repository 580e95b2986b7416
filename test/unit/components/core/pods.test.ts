import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import {
  CONTAINER_SECURITY,
  podSecurity,
  SECRETS,
  stamped,
  SUBJECT,
  type Sealed,
} from '../../../../components/core/index.ts';

const valueOf = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve as never));

const template = { labels: { app: 'api' }, spec: { containers: [{ image: 'api:1' }] } };
const sealed = (password: string, key = 'key'): Sealed => ({
  key: pulumi.secret(key),
  values: { password: pulumi.secret(password) },
});

async function annotationsOf(given: ReturnType<typeof stamped>): Promise<Record<string, string>> {
  return valueOf(pulumi.output(given.template.metadata.annotations));
}

test('a template carries its subject, and the subject says what is in the annotation', async () => {
  const made = stamped(template);
  assert.deepEqual(await annotationsOf(made), { [SUBJECT]: await valueOf(made.subject) });
  assert.match(await valueOf(made.subject), /^[0-9a-f]{12}$/);
});

test('the subject changes with the spec, the labels and the secrets, and not with the order of keys', async () => {
  const subjects = await Promise.all(
    [
      stamped(template),
      stamped({ ...template, labels: { app: 'other' } }),
      stamped({ ...template, spec: { containers: [{ image: 'api:2' }] } }),
      stamped(template, sealed('one')),
      stamped(template, sealed('two')),
    ].map(({ subject }) => valueOf(subject)),
  );
  assert.equal(new Set(subjects).size, 5);
  const turned = { spec: { containers: [{ image: 'api:1' }] }, labels: { app: 'api' } };
  assert.equal(await valueOf(stamped(turned).subject), subjects[0]);
});

test('the hash of the secrets depends on the key, so that nobody without it can try candidates', async () => {
  const [one, same, other] = await Promise.all(
    [sealed('p', 'a'), sealed('p', 'a'), sealed('p', 'b')].map((secrets) => annotationsOf(stamped(template, secrets))),
  );
  assert.equal(one![SECRETS], same![SECRETS]);
  assert.notEqual(one![SECRETS], other![SECRETS]);
});

test('the hash may be seen, the secret and the key stay secrets', async () => {
  const secrets = sealed('hunter2');
  const made = stamped(template, secrets);
  assert.equal(await pulumi.isSecret(made.subject), false);
  assert.equal(await pulumi.isSecret(made.template.metadata.annotations[SECRETS] as pulumi.Output<string>), false);
  assert.equal(await pulumi.isSecret(secrets.key as pulumi.Output<string>), true);
  assert.doesNotMatch(JSON.stringify(await annotationsOf(made)), /hunter2|key/);
});

test('a pod may do no more than Pod Security `restricted` allows, and writes to no root file system', () => {
  const { runAsNonRoot, runAsUser, seccompProfile } = podSecurity(999);
  assert.deepEqual(
    { runAsNonRoot, runAsUser, seccompProfile },
    {
      runAsNonRoot: true,
      runAsUser: 999,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  );
  assert.deepEqual(CONTAINER_SECURITY, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});
