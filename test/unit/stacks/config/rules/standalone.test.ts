import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../../../stacks/config/load.ts';
import { changed, groupsOf, rawOf, type Groups } from '../../support/raw.ts';

const standalone = (): Groups => groupsOf('standalone');
const refused = (groups: Groups): string => {
  try {
    parse(rawOf(groups), 'it', 'standalone');
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

test('the stack’s own file is accepted', () => assert.equal(refused(standalone()), ''));

test('the two buckets are two', () => {
  const one = changed(standalone(), 'minio.buckets.reports.name', 'documents');
  assert.match(refused(one), /minio\.buckets\.reports\.name: found "documents"; wanted another name than/);
});

test('neither door is that of SSH, and they are two', () => {
  assert.match(
    refused(changed(standalone(), 'network.http', 22)),
    /network\.http: found 22; wanted another port than that of SSH/,
  );
  assert.match(refused(changed(standalone(), 'network.https', 22)), /network\.https: found 22/);
  const ssh = { knownHosts: '/etc/ssh/known_hosts' };
  const away = changed(changed(standalone(), 'docker.address', 'ssh://deploy@203.0.113.10:2222'), 'docker.ssh', ssh);
  assert.match(refused(changed(away, 'network.https', 2222)), /network\.https: found 2222/);
  assert.match(
    refused(changed(standalone(), 'network.https', 80)),
    /network\.https: found 80; wanted another port than/,
  );
});

for (const bind of ['999.1.1.1', '256.0.0.1', '1.2.3', '1.2.3.4.', '1.2.3.4.5', '::1']) {
  test(`${bind} is no address to listen at`, () => {
    assert.match(
      refused(changed(standalone(), 'network.bind', bind)),
      /network\.bind: found ".*"; wanted an IPv4 address/,
    );
  });
}

for (const bind of ['127.0.0.1', '0.0.0.0', '255.255.255.255', '10.199.200.9']) {
  test(`${bind} is one`, () => assert.equal(refused(changed(standalone(), 'network.bind', bind)), ''));
}
