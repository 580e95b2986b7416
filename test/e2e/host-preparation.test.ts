/** The script that prepares a host, run for real: in a Debian root file system, on the network of a real Docker daemon. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DockerHostRef } from '../../components/core/index.ts';
import { hostScript, type HostSettings } from '../../infra/host/index.ts';
import { prepareOverSsh } from '../../infra/host/run.ts';
import { compose, nodeExporter, unpacked } from '../../infra/sandbox/build/index.ts';
import {
  ask,
  loadImages,
  removeDocker,
  restartDocker,
  startDocker,
  type DockerDaemon,
} from '../../infra/sandbox/docker/index.ts';
import { firstOf, processesOf } from '../../infra/sandbox/host/cgroups.ts';
import { run } from '../../infra/sandbox/host/run.ts';
import { imageArchives, layerArchive } from '../../infra/sandbox/images/archive.ts';
import { Root, type Outcome } from './support/host-preparation/root.ts';

/** Who asks: addresses for documentation, on this machine's end of the daemon's link. */
const WHO = {
  admin: '203.0.113.7',
  prometheus: '198.51.100.4',
  tester: '192.0.2.10',
  stranger: '192.0.2.200',
} as const;
type Who = keyof typeof WHO;

const IMAGE = 'docker.io/library/web:1';

const SECRET = 'POSTGRES_PASSWORD=s3cret-0f-the-host\nREDIS_HOST=redis\n';

let dir: string;
let daemon: DockerDaemon;
let root: Root;
let served: Map<string, Buffer>;
let settings: HostSettings;
const web = createServer(({ url }, response) => {
  const file = served.get(url ?? '');
  response.writeHead(file ? 200 : 404).end(file);
});

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'host-daemon-'));
  daemon = await startDocker({ state: join(dir, 'd') });
  const { name, host } = daemon.addresses;
  for (const address of Object.values(WHO)) await run(['ip', 'address', 'add', `${address}/32`, 'dev', name]);
  root = await Root.start(firstOf(processesOf(name))!.pid, daemon.socket, SECRET);

  const release = 'node_exporter-1.7.0.linux-amd64';
  await run(['install', '-D', await nodeExporter(), join(dir, release, 'node_exporter')]);
  await run(['tar', '-czf', join(dir, 'exporter.tar.gz'), '-C', dir, release]);
  served = new Map([
    ['/exporter.tar.gz', readFileSync(join(dir, 'exporter.tar.gz'))],
    ['/compose', readFileSync(await compose())],
    ['/hello', Buffer.from('hello')],
  ]);
  await new Promise<void>((listening) => web.listen(0, host, listening));
  const from = `http://${host}:${(web.address() as AddressInfo).port}`;
  settings = {
    name: 'tria-aibpo',
    firewall: {
      sshFrom: [`${WHO.admin}/32`, `${host}/32`],
      backendFrom: ['192.0.2.0/25'],
      metricsFrom: [`${WHO.prometheus}/32`],
    },
    // The oldest that C-HOST-7 takes: Debian 12 has no later one.
    docker: { package: 'docker.io', least: '20.10' },
    compose: { url: `${from}/compose`, sha256: sha256(served.get('/compose')!) },
    exporter: { version: '1.7.0', url: `${from}/exporter.tar.gz`, sha256: sha256(served.get('/exporter.tar.gz')!) },
    secret: { id: 'tria/env', region: 'us-east-1' },
    least: { memory: '1Gi', disk: '64Mi' },
  };
});

after(async () => {
  web.close();
  await root?.end();
  await removeDocker(join(dir, 'd'));
  rmSync(dir, { recursive: true, force: true });
});

const prepare = (change: Partial<HostSettings> = {}): Promise<Outcome> =>
  root.sh('exec /bin/sh -s', hostScript({ ...settings, ...change }));

/** Every file with mode, owner, link and time, and what the files hold: all but what runs. */
const listing = async (): Promise<string[]> =>
  (
    await root.must(`
    find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /opt/packages \\) -prune -o \\
      -printf '%p %M %U:%G %l %T@\\n' | sort
    find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /opt/packages \\) -prune -o \\
      -type f -newer /run/begun -print0 | sort -z | xargs -0r sha256sum
    iptables-save | sed 's/^#.*//; s/\\[[0-9:]*\\]//'; ip6tables-save | sed 's/^#.*//; s/\\[[0-9:]*\\]//'`)
  ).split('\n');

/** Whether somebody's connection comes through: `open`, or `shut` when it is refused, or after two seconds of silence. */
const knock = (who: Who, port: number): Promise<'open' | 'shut'> =>
  new Promise((resolve) => {
    // The kernel answers for whoever listens, however busy that is.
    const socket = connect({ host: daemon.addresses.node, port, localAddress: WHO[who] });
    const settle = (answer: 'open' | 'shut'): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    // An answer that this process has not yet got round to reading comes first.
    const timer = setTimeout(() => setImmediate(() => setImmediate(settle, 'shut')), 2000);
    socket.once('connect', () => settle('open')).once('error', () => settle('shut'));
  });

const doors = async (port: number): Promise<Record<Who, string>> =>
  Object.fromEntries(
    await Promise.all((Object.keys(WHO) as Who[]).map(async (who) => [who, await knock(who, port)] as const)),
  ) as Record<Who, string>;

const only = (...who: Who[]): Record<Who, string> =>
  Object.fromEntries((Object.keys(WHO) as Who[]).map((one) => [one, who.includes(one) ? 'open' : 'shut'])) as Record<
    Who,
    string
  >;
const everybody = only('admin', 'prometheus', 'tester', 'stranger');

/** Lets this machine in by SSH as root, by keys that both sides know beforehand. */
async function openSsh(): Promise<DockerHostRef> {
  const [key, hostKey] = [join(dir, 'id'), join(dir, 'host')];
  for (const file of [key, hostKey]) await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', file]);
  const { node } = daemon.addresses;
  const knownHosts = join(dir, 'known_hosts');
  writeFileSync(knownHosts, `${node} ${readFileSync(`${hostKey}.pub`, 'utf8')}`);
  await root.must('umask 077; cat >/etc/ssh/ssh_host_ed25519_key', readFileSync(hostKey, 'utf8'));
  await root.must('mkdir -p -m 700 /root/.ssh; cat >/root/.ssh/authorized_keys', readFileSync(`${key}.pub`, 'utf8'));
  await root.must('mkdir -p /run/sshd && /usr/sbin/sshd -h /etc/ssh/ssh_host_ed25519_key');
  return { address: `ssh://root@${node}`, ssh: { knownHosts, key } };
}

describe('a bare server is prepared over SSH', () => {
  let said: string;
  before(async () => {
    const server = await openSsh();
    await root.must('touch /run/begun; sleep 0.1');
    said = await prepareOverSsh(server, hostScript(settings));
  });

  test('packages are updated once, and what is missing is installed', async () => {
    const asked = await root.must('grep ^apt-get /run/asked');
    assert.match(
      asked,
      /^apt-get .* update\napt-get .* upgrade\napt-get .* install --no-install-recommends .*git jq docker\.io awscli\n$/,
    );
  });

  test('Compose v2.23.0 is there, by itself and as a part of Docker', async () => {
    assert.match(await root.must('/usr/local/bin/docker-compose version'), /v2\.23\.0/);
    assert.match(await root.must('docker compose version'), /v2\.23\.0/);
  });

  test('the user looks after containers, and owns the folder', async () => {
    assert.match(await root.must('id -nG ubuntu'), /\bdocker\b/);
    assert.equal(await root.must('stat --format "%U:%G %a" /opt/tria'), 'ubuntu:ubuntu 750\n');
  });

  test('the variables are in a file of mode 600, and nowhere else', async () => {
    assert.equal(await root.must('stat --format "%U:%G %a" /opt/tria/.env'), 'ubuntu:ubuntu 600\n');
    assert.equal(await root.must('cat /opt/tria/.env'), SECRET);
    assert.doesNotMatch(said, /s3cret/);
    const places = '/bin /etc /home /opt/tria /root /usr /var';
    assert.equal(
      (await root.sh(`grep --recursive --files-with-matches s3cret-0f-the-host ${places}`)).output,
      '/opt/tria/.env\n',
    );
  });

  test('node_exporter 1.7.0 answers Prometheus, as a unit of its own user that is always restarted', async () => {
    const unit = await root.must('cat /etc/systemd/system/node_exporter.service');
    for (const line of [
      ...['After=network.target', 'Type=simple', 'Restart=always', 'WantedBy=multi-user.target'],
      'ExecStart=/opt/node_exporter-1.7.0.linux-amd64/node_exporter',
    ])
      assert.ok(unit.split('\n').includes(line), line);
    const place = `http://${daemon.addresses.node}:9100/metrics`;
    const figures = await run([
      'curl',
      '--silent',
      '--interface',
      WHO.prometheus,
      '--retry',
      '5',
      '--retry-connrefused',
      place,
    ]);
    assert.match(figures, /node_exporter_build_info\{[^}]*version="1\.7\.0"/);
    const process = 'grep -l ^/opt/node_exporter /proc/[0-9]*/cmdline';
    assert.equal(await root.must(`stat --format %U $(${process})`), 'node_exporter\n');
  });

  test('the units are enabled, and systemd finds nothing wrong with them', async () => {
    for (const unit of ['node_exporter.service', 'host-secrets.service', 'docker.service'])
      await root.must(`test -L /etc/systemd/system/multi-user.target.wants/${unit}`);
    const { output } = await root.sh(
      'systemd-analyze verify --man=no /etc/systemd/system/node_exporter.service /etc/systemd/system/host-secrets.service',
    );
    assert.doesNotMatch(output, /node_exporter\.service|host-secrets\.service/);
  });

  test('logs are rotated within the day when they are large, and not when they are small', async () => {
    const at = '/var/lib/docker/containers';
    await root.must(`mkdir -p ${at}/big ${at}/small
      head -c 11M /dev/zero >${at}/big/big.log; head -c 1M /dev/zero >${at}/small/small.log
      logrotate --state /tmp/state /etc/logrotate.d/tria-aibpo
      head -c 11M /dev/zero >${at}/big/big.log
      logrotate --state /tmp/state /etc/logrotate.d/tria-aibpo`);
    assert.equal(
      await root.must(`cd ${at}; find . -type f -printf '%P %k\\n' | sort`),
      'big/big.log 0\nbig/big.log.1 11264\nbig/big.log.2.gz 12\nsmall/small.log 1024\n',
    );
    await root.must(`rm -r ${at}`);
  });

  test('a second run, now as user data, changes nothing: no file, mode, owner, time or rule, and asks for no package', async () => {
    const before = await listing();
    await root.must(': >/run/asked');
    const second = await prepare();
    assert.equal(second.code, 0, second.output);
    const now = await listing();
    assert.deepEqual(
      now.filter((line) => !before.includes(line)),
      [],
    );
    assert.equal(now.length, before.length);
    assert.doesNotMatch(await root.must('cat /run/asked'), /apt-get|restart|daemon-reload/);
    assert.doesNotMatch(second.output, /wrote|installed|shuts/);
  });
});

describe('its firewall holds for programs of the host and for published ports', () => {
  /** Listens on the host itself, in the root's network, until that ends. */
  const listen = (port: number): Promise<string> =>
    root.must(`/opt/packages/busybox httpd -p ${port} -h /opt/packages`);

  /** A container whose one server is published at each of these ports of the host. */
  async function publish(name: string, ports: readonly number[]): Promise<void> {
    const created = await ask(daemon.socket, 'POST', `/containers/create?name=${name}`, {
      Image: IMAGE,
      ExposedPorts: { '80/tcp': {} },
      // It does not listen to anything milder.
      StopSignal: 'SIGKILL',
      HostConfig: {
        PortBindings: { '80/tcp': ports.map((port) => ({ HostPort: `${port}` })) },
        RestartPolicy: { Name: 'always' },
      },
    });
    assert.equal(created.status, 201, created.body);
    const started = await ask(daemon.socket, 'POST', `/containers/${name}/start`);
    assert.equal(started.status, 204, started.body);
  }

  before(async () => {
    const busybox = join(await unpacked('busybox', ['busybox-static']), 'usr/bin/busybox');
    const layer = join(dir, 'layer.tar');
    await layerArchive({ '/bin/busybox': { file: busybox }, '/www/index.html': { content: 'here' } }, layer);
    const config = { entrypoint: ['/bin/busybox'], command: ['httpd', '-f', '-p', '80', '-h', '/www'] };
    await loadImages(daemon, await imageArchives([{ ref: IMAGE, layers: [layer], config }], join(dir, 'image.tar')));
    await publish('web', [80, 443, 8003, 5433]);
    await listen(2222);
  });

  test('SSH from the stated address alone, metrics for Prometheus alone', async () => {
    assert.deepEqual(await doors(22), only('admin'));
    assert.deepEqual(await doors(9100), only('prometheus'));
  });

  test('the web for everybody, the backend from the stated addresses', async () => {
    assert.deepEqual(await doors(80), everybody);
    assert.deepEqual(await doors(443), everybody);
    assert.deepEqual(await doors(8003), only('tester'));
  });

  test('nothing that is not stated, neither of the host nor of a container: 2222 and the database’s 5433', async () => {
    assert.deepEqual(await doors(2222), only());
    assert.deepEqual(await doors(5433), only());
  });

  test('without the chain of Docker’s the database would be open: UFW does not see it', async () => {
    await root.must('iptables -I DOCKER-USER 1 -j RETURN');
    assert.deepEqual(await doors(5433), everybody);
    await root.must('iptables -D DOCKER-USER 1');
    assert.deepEqual(await doors(5433), only());
  });

  test('containers reach the world outside, and the host reaches what they publish', async () => {
    const { host } = daemon.addresses;
    const { port } = web.address() as AddressInfo;
    const exec = await ask(daemon.socket, 'POST', '/containers/web/exec', {
      Cmd: ['/bin/busybox', 'wget', '-q', '-O', '-', `http://${host}:${port}/hello`],
      ...{ AttachStdout: true, AttachStderr: true },
    });
    const { Id } = JSON.parse(exec.body) as { Id: string };
    const { body } = await ask(daemon.socket, 'POST', `/exec/${Id}/start`, { Detach: false, Tty: true });
    assert.match(body, /hello/);
    assert.equal(await root.must('curl --silent http://127.0.0.1:5433/'), 'here');
  });

  test('it holds after a restart of Docker and after a restart of itself', async () => {
    await restartDocker(daemon);
    await publish('later', [5434]);
    assert.deepEqual(await doors(5434), only());
    await root.must('ufw reload');
    assert.deepEqual(await doors(5434), only());
    assert.deepEqual(await doors(8003), only('tester'));
  });

  test('an address that is no longer stated is shut out by the next run, and one that is new is let in', async () => {
    const firewall = { ...settings.firewall, sshFrom: [`${WHO.prometheus}/32`], backendFrom: ['192.0.2.200/32'] };
    const { code, output } = await prepare({ firewall });
    assert.equal(code, 0, output);
    assert.deepEqual(await doors(22), only('prometheus'));
    assert.deepEqual(await doors(8003), only('stranger'));
    assert.equal((await prepare()).code, 0);
    assert.deepEqual(await doors(22), only('admin'));
  });
});

describe('what will not do is refused, and nothing is half done', () => {
  const refusal = async (change: Partial<HostSettings>): Promise<string> => {
    const { code, output } = await prepare(change);
    assert.equal(code, 1, output);
    return output;
  };

  test('a Docker that is too old: Debian’s 20.10, where 24.0 is wanted', async () => {
    assert.match(
      await refusal({ docker: { package: 'docker.io', least: '24.0' } }),
      /found Docker 20\.10\.\d+; wanted 24\.0 or later/,
    );
  });

  test('a download whose content is another: it is not installed', async () => {
    await root.must('mv /usr/local/bin/docker-compose /root/');
    const compose = { ...settings.compose!, sha256: '0'.repeat(64) };
    assert.match(await refusal({ compose }), /\/compose: found checksum [0-9a-f]{64}; wanted 0{64}: not used/);
    assert.equal((await root.sh('test -e /usr/local/bin/docker-compose')).code, 1);
    await root.must('mv /root/docker-compose /usr/local/bin/');
  });

  test('a download that is not there', async () => {
    await root.must('mv /opt/node_exporter-1.7.0.linux-amd64 /root/');
    const exporter = { ...settings.exporter!, url: settings.exporter!.url.replace('exporter', 'nothing') };
    assert.match(await refusal({ exporter }), /nothing\.tar\.gz: not to be had/);
    await root.must('mv /root/node_exporter-1.7.0.linux-amd64 /opt/');
  });

  test('a machine that is too small', async () => {
    assert.match(
      await refusal({ least: { memory: '900Gi', disk: '64Mi' } }),
      /found \d+ KiB of memory; wanted 943718400/,
    );
  });

  test('a secret that is empty: the variables stay as they were', async () => {
    await root.must('mv /opt/packages/secret /opt/packages/kept; : >/opt/packages/secret');
    const { code, output } = await root.sh('/usr/local/sbin/host-secrets');
    assert.equal(code, 1);
    assert.match(output, /the secret holds no variable/);
    assert.equal(await root.must('cat /opt/tria/.env; ls -A /opt/tria'), `${SECRET}.env\n`);
    await root.must('mv /opt/packages/kept /opt/packages/secret');
  });
});
