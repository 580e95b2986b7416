import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DockerHost } from '../../../../infra/docker/index.ts';
import { named, planned } from '../../support/mocks.ts';

const SSH = { knownHosts: '/etc/platform/known_hosts', key: '/etc/platform/key' };

test('a host over SSH is believed by its known key alone, and asks nobody', async () => {
  const made = await planned(() => new DockerHost('host', { address: 'ssh://deploy@203.0.113.7:2222', ssh: SSH }));
  const { host, sshOpts } = named(made, 'host-provider').inputs as { host: string; sshOpts: string };
  assert.equal(host, 'ssh://deploy@203.0.113.7:2222');
  // A provider's lists are JSON on their way to it.
  const options = JSON.parse(sshOpts) as string[];
  for (const wanted of [
    ...['BatchMode=yes', 'StrictHostKeyChecking=yes', 'UserKnownHostsFile=/etc/platform/known_hosts'],
    ...['GlobalKnownHostsFile=/dev/null', 'IdentityFile=/etc/platform/key', 'IdentitiesOnly=yes'],
  ]) {
    assert.ok(options.includes(wanted), `${wanted} is not among ${options.join(' ')}`);
  }
});

test('a local host is its socket and nothing else', async () => {
  const made = await planned(() => new DockerHost('host', { address: 'unix:///var/run/docker.sock' }));
  assert.deepEqual(named(made, 'host-provider').inputs, { host: 'unix:///var/run/docker.sock' });
});

for (const [what, args, message] of [
  ['plain TCP', { address: 'tcp://203.0.113.7:2375' }, /address.*go over SSH/],
  ['TCP with TLS', { address: 'https://203.0.113.7:2376' }, /address.*go over SSH/],
  ['an address without a user', { address: 'ssh://203.0.113.7', ssh: SSH }, /address/],
  ['an option in the place of a host', { address: 'ssh://u@-oProxyCommand', ssh: SSH }, /address/],
  ['a host nobody vouches for', { address: 'ssh://deploy@203.0.113.7' }, /knownHosts/],
  ['a relative known_hosts', { address: 'ssh://deploy@h', ssh: { knownHosts: 'known_hosts' } }, /knownHosts/],
  ['a relative key', { address: 'ssh://deploy@h', ssh: { knownHosts: '/k', key: 'key' } }, /ssh\.key/],
  ['SSH settings for a socket', { address: 'unix:///run/docker.sock', ssh: SSH }, /found SSH settings/],
] as const) {
  test(`${what} is refused`, async () => {
    await assert.rejects(
      planned(() => new DockerHost('host', args)),
      message,
    );
  });
}
