import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  COMPOSE,
  EXPORTER,
  hostScript,
  userData,
  USER_DATA_LIMIT,
  type Doors,
  type HostSettings,
} from '../../../../infra/host/index.ts';

const SETTINGS: HostSettings = {
  name: 'tria-aibpo',
  firewall: { sshFrom: ['203.0.113.7/32'], backendFrom: ['192.0.2.0/24'], metricsFrom: ['198.51.100.4/32'] },
  dataDevice: '/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0',
  secret: { id: 'tria-aibpo-staging/env', region: 'us-east-1' },
};

/** The values in front of the script. */
const values = (settings: HostSettings): Record<string, string> =>
  Object.fromEntries(
    [...hostScript(settings).matchAll(/^([A-Z_0-9]+)='([^']*)'$/gm)].map(([, name, value]) => [name!, value!]),
  );

describe('the script', () => {
  test('is told what the requirements say', () => {
    const told = values(SETTINGS);
    assert.equal(told['OWNER'], 'ubuntu');
    assert.equal(told['DIRECTORY'], '/opt/tria');
    assert.equal(told['ENV_FILE'], '/opt/tria/.env');
    assert.equal(told['DOCKER_LEAST'], '24.0');
    assert.equal(told['EXPORTER_VERSION'], '1.7.0');
    assert.match(told['COMPOSE_URL']!, /\/v2\.23\.0\/docker-compose-linux-x86_64$/);
  });

  test('opens 22 before anything else, then 80, 443, 8003 and 9100, each from where it is stated (C-NET-1)', () => {
    assert.deepEqual(values(SETTINGS)['DOORS']!.split('\n'), [
      '22 203.0.113.7/32',
      '80 0.0.0.0/0',
      '443 0.0.0.0/0',
      '8003 192.0.2.0/24',
      '9100 198.51.100.4/32',
    ]);
  });

  test('opens the web where the stack has put it, and no port for TLS where there is none', () => {
    const web = (ports: NonNullable<Doors['web']>): string[] =>
      values({ ...SETTINGS, firewall: { sshFrom: ['203.0.113.7/32'], web: ports } })['DOORS']!.split('\n');
    assert.deepEqual(web({ http: 8080 }), ['22 203.0.113.7/32', '8080 0.0.0.0/0', '8003', '9100']);
    assert.deepEqual(web({ http: 8080, https: 8443 }).slice(1, 3), ['8080 0.0.0.0/0', '8443 0.0.0.0/0']);
    // In one place: a port in the script would stay behind.
    assert.doesNotMatch(hostScript(SETTINGS), /^ *door \d/m);
  });

  test('rotates logs each day and sooner when they are large, which `size` would not (CONF-63)', () => {
    const script = hostScript(SETTINGS);
    assert.match(script, /^ {2}daily\n {2}maxsize 10M$/m);
    assert.doesNotMatch(script, /^ *size[ =]/m);
  });

  test('is the same whatever the order of addresses', () => {
    const more = (sshFrom: string[]): string => hostScript({ ...SETTINGS, firewall: { sshFrom } });
    assert.equal(more(['10.0.0.0/8', '203.0.113.7/32']), more(['203.0.113.7/32', '10.0.0.0/8']));
  });

  test('takes other sources, with the checksums of what lies there', () => {
    const compose = { url: 'https://mirror.example/compose', sha256: 'a'.repeat(64) };
    const told = values({ ...SETTINGS, compose });
    assert.deepEqual([told['COMPOSE_URL'], told['COMPOSE_SHA256']], [compose.url, compose.sha256]);
    assert.deepEqual([told['EXPORTER_URL'], told['EXPORTER_SHA256']], [EXPORTER.url, EXPORTER.sha256]);
  });

  test('asks for the command of AWS only where there is a secret to fetch', () => {
    const { secret: _, ...none } = SETTINGS;
    assert.match(values(SETTINGS)['PACKAGES']!, / awscli$/);
    assert.doesNotMatch(values(none)['PACKAGES']!, /awscli/);
  });
});

describe('user data', () => {
  test('are far below what EC2 takes, with every setting and ten addresses', () => {
    const sshFrom = Array.from({ length: 10 }, (_, at) => `203.0.113.${100 + at}/32`);
    const length = Buffer.byteLength(userData({ ...SETTINGS, firewall: { ...SETTINGS.firewall, sshFrom } }));
    assert.ok(length < USER_DATA_LIMIT * 0.75, `${length} bytes`);
  });

  test('hold the script as it is for an existing server, and run it at each boot', () => {
    const text = userData(SETTINGS);
    const [, config, script] = text.split(/^--==platform-host==.*\n/m);
    const body = (part: string): string => part.slice(part.indexOf('\n\n') + 2);
    assert.match(config!, /^Content-Type: text\/cloud-config;/);
    assert.equal(body(config!), '#cloud-config\ncloud_final_modules:\n  - [scripts-user, always]\n\n');
    assert.match(script!, /^Content-Type: text\/x-shellscript;/);
    assert.equal(body(script!), `${hostScript(SETTINGS)}\n`);
  });

  test('name the secret and hold nothing of it', () => {
    const text = userData(SETTINGS);
    assert.match(text, /SECRET_ID='tria-aibpo-staging\/env'/);
    // Every value that the script is told is one of these, and no setting takes a secret.
    assert.deepEqual(Object.keys(values(SETTINGS)).toSorted(), [
      ...['COMPOSE_SHA256', 'COMPOSE_URL', 'DATA_DEVICE', 'DIRECTORY', 'DOCKER_LEAST', 'DOORS', 'ENV_FILE'],
      ...['EXPORTER_SHA256', 'EXPORTER_URL', 'EXPORTER_VERSION', 'LEAST_DISK', 'LEAST_MEMORY', 'NAME'],
      ...['OWNER', 'PACKAGES', 'REGION', 'SECRET_ID'],
    ]);
    const known = [COMPOSE.sha256, EXPORTER.sha256];
    const opaque = [...text.matchAll(/[A-Za-z0-9+/]{40,}/g)].map(([hit]) => hit).filter((hit) => !known.includes(hit));
    assert.deepEqual(
      opaque.filter((hit) => !/^[/a-z]+$/i.test(hit)),
      [],
      'nothing in them looks like a key',
    );
  });
});

describe('refused', () => {
  const cases: readonly (readonly [string, Partial<HostSettings>, RegExp])[] = [
    ['SSH from 0.0.0.0/0', { firewall: { sshFrom: ['0.0.0.0/0'] } }, /HostSettings\.firewall\.sshFrom\[0\]/],
    ['SSH from nowhere', { firewall: { sshFrom: [] } }, /firewall\.sshFrom: found an empty list/],
    ['a name that leaves its folder', { name: '../passwd' }, /HostSettings\.name: found "\.\.\/passwd"/],
    ['a command in the place of a folder', { directory: '/opt/$(reboot)' }, /HostSettings\.directory/],
    ['a quote in the name of a secret', { secret: { id: `a'b`, region: 'x' } }, /HostSettings\.secret/],
    ['a download without a checksum', { compose: { url: 'https://x/y', sha256: '' } }, /HostSettings\.compose\.sha256/],
    ['a download from nowhere', { compose: { ...COMPOSE, url: 'ftp://x' } }, /HostSettings\.compose\.url/],
    ['a device that is none', { dataDevice: 'sdf' }, /HostSettings\.dataDevice: found "sdf"/],
  ];
  for (const [what, change, message] of cases)
    test(what, () => assert.throws(() => hostScript({ ...SETTINGS, ...change }), message));

  test('user data that EC2 would not take', () => {
    const sshFrom = Array.from({ length: 500 }, (_, at) => `203.0.${at % 250}.${(at * 7) % 250}/32`);
    assert.throws(() => userData({ ...SETTINGS, firewall: { sshFrom } }), /are \d+ bytes; EC2 takes 16384/);
  });
});
