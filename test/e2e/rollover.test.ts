/** Updates of a service behind a proxy on a real Docker daemon, under 100 requests a second: good, bad, and cut short. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { get, removeDocker, type DockerDaemon } from '../../infra/sandbox/docker/index.ts';
import { heal } from '../../infra/sandbox/engine/index.ts';
import { engine, type EngineTest } from '../engine/support/engine.ts';
import { freshDocker, needsPlugin, programHead, stateOf } from './support/docker.ts';
import { under, type Report } from './support/open-loop.ts';
import { until } from './support/until.ts';

const NODE = 'docker.io/library/node:24.21.0-bookworm-slim';
const NGINX = 'docker.io/nginxinc/nginx-unprivileged:1.22.1';

/** Answers with its version after 100 ms; is well as long as its settings let it be. */
const SERVICE = `
const { createServer } = require('node:http');
const { VERSION, WELL_FOR = 'Infinity' } = process.env;
let met = Infinity;
console.log('version', VERSION, 'begins');
createServer((request, response) => {
  // From its first user on: however long it takes to be led to.
  if (request.url !== '/health') met = Math.min(met, Date.now());
  const well = Number(WELL_FOR) > 0 && !(Date.now() - met >= Number(WELL_FOR) * 1000);
  if (request.url === '/health' && !well) console.log('version', VERSION, 'has lost its mind');
  response.writeHead(request.url === '/health' && !well ? 503 : 200, { 'x-version': VERSION });
  setTimeout(() => response.end('ok'), request.url === '/health' ? 0 : 100);
}).listen(8000);
process.on('SIGTERM', () => process.exit(0));
`;
const HEALTH = `fetch('http://127.0.0.1:8000/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;

const PROXY = `
pid /tmp/nginx.pid;
error_log /dev/stderr notice;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path /tmp/client; proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi; uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
  include /etc/nginx/upstreams/*.conf;
  server {
    listen 8080;
    resolver 127.0.0.11 valid=1s ipv6=off;
    location / { proxy_pass http://$api_upstream; }
  }
}
`;

interface Version {
  readonly version: string;
  readonly settings?: Record<string, string>;
  readonly watch?: string;
}

const program = ({ version, settings = {}, watch = '3s' }: Version): string => `${programHead(docker)}
const net = network(owner, 'trial-net', { name: 'trial', partOf: 'trial' });
const upstreams = volume(owner, 'trial-upstreams', { name: 'upstreams', partOf: 'trial', protect: false });
const common = { host: host.ref, partOf: 'trial', fingerprintKey: pulumi.secret('a key for fingerprints') };
const api = new Rollover('trial-api', {
  ...common,
  facts: {
    name: 'api',
    image: { reference: '${NODE}', uid: 1000 },
    command: ['node', '-e', ${JSON.stringify(SERVICE)}],
    ports: { http: 8000 },
    health: { command: ['node', '-e', ${JSON.stringify(HEALTH)}], interval: '1s', timeout: '5s', retries: 2, startPeriod: '1s' },
    cpu: { request: '100m', limit: '2' },
    memory: '128Mi',
    stopGrace: '10s',
  },
  port: 'http',
  networks: [net.name],
  settings: ${JSON.stringify({ VERSION: version, ...settings })},
  secrets: { TOKEN: pulumi.secret('a-token-nobody-may-see') },
  proxy: { container: 'proxy', volume: upstreams.name },
  patience: { deadline: '60s', watch: '${watch}', drain: '10s' },
}, parent);
const proxy = new Container('trial-proxy', {
  ...common,
  facts: {
    name: 'proxy',
    image: { reference: '${NGINX}', uid: 101 },
    ports: { http: 8080 },
    health: { command: ['nginx', '-t', '-q'], interval: '2s' },
    cpu: { request: '100m', limit: '2' },
    memory: '128Mi',
  },
  networks: [{ network: net.name }],
  volumes: { '/etc/nginx/upstreams': { volume: upstreams.name, readOnly: true } },
  files: { '/etc/nginx/nginx.conf': { content: ${JSON.stringify(PROXY)} } },
  publish: [{ port: 'http', host: 8080, bind: '0.0.0.0' }],
}, { ...parent, dependsOn: api });
export const colour = api.colour;
export const proxyId = proxy.containerId;
`;

let docker: DockerDaemon;
let stack: EngineTest;
const url = (): string => `http://${docker.addresses.node}:8080/`;
const names = async (): Promise<string[]> =>
  (await get<{ Names: string[] }[]>(docker.socket, '/containers/json?all=1')).flatMap(({ Names }) => Names).toSorted();
const serves = async (): Promise<string> => (await fetch(url())).headers.get('x-version') ?? '';

/** What nobody may have noticed. */
function unharmed(report: Report): void {
  assert.deepEqual([report.failures, report.failed], [{}, 0]);
  assert.ok(report.sent > 200, `only ${report.sent} requests were sent`);
}

describe('a service behind a proxy', needsPlugin, () => {
  before(async () => {
    docker = await freshDocker('rollover', [NODE, NGINX]);
    stack = await engine({ source: '' });
    stack.rewrite(program({ version: '1' }));
    await stack.up();
  });
  after(async () => {
    await stack.destroy();
    assert.deepEqual(await names(), []);
    stack.remove();
    await removeDocker(stateOf('rollover'));
  });

  test('is live in one colour behind the proxy, and its second preview is quiet', async () => {
    assert.equal(await serves(), '1');
    assert.deepEqual(await names(), ['/api-blue', '/api-rollover', '/proxy']);
    const { changeSummary } = await stack.preview();
    assert.deepEqual(Object.keys(changeSummary), ['same']);
  });

  test('an update fails no request, leaves one container, and touches no other', async () => {
    const { proxyId } = await stack.outputs();
    stack.rewrite(program({ version: '2' }));
    const [, report] = await under({ url: url(), connections: 'fresh' }, () => stack.up());
    unharmed(report);
    assert.deepEqual(Object.keys(report.versions).toSorted(), ['1', '2']);
    assert.deepEqual(await names(), ['/api-green', '/api-rollover', '/proxy']);
    assert.deepEqual(await stack.outputs(), { colour: 'green', proxyId });
  });

  test('a version that never becomes well is taken back, with its last words, and stays pending', async () => {
    stack.rewrite(program({ version: '3', settings: { WELL_FOR: '0' } }));
    const [{ output }, report] = await under({ url: url(), connections: 'fresh' }, () => stack.up({ fails: true }));
    unharmed(report);
    assert.deepEqual(Object.keys(report.versions), ['2']);
    assert.match(output, /was undone, green serves as before.*api-blue is unhealthy/s);
    assert.match(output, /version 3 has lost its mind/);
    assert.deepEqual(await names(), ['/api-green', '/api-rollover', '/proxy']);
    assert.equal((await stack.preview()).changeSummary['update'], 1);
  });

  test('a version that falls ill under the users’ requests is led away from, and fails none of them', async () => {
    stack.rewrite(program({ version: '4', settings: { WELL_FOR: '6' }, watch: '30s' }));
    const [{ output }, report] = await under({ url: url(), connections: 'fresh' }, () => stack.up({ fails: true }));
    unharmed(report);
    assert.deepEqual(Object.keys(report.versions).toSorted(), ['2', '4']);
    assert.match(output, /did not stay well/);
    assert.equal(await serves(), '2');
    assert.deepEqual(await names(), ['/api-green', '/api-rollover', '/proxy']);
  });

  test('an engine killed on the way harms nobody: the next update goes on, or back, as it is told', async () => {
    const killed = async (when: () => Promise<boolean>): Promise<void> => {
      const child = spawn('pulumi', ['up', '--yes', '--skip-preview'], {
        cwd: stack.project,
        env: stack.env,
        stdio: 'ignore',
      });
      const gone = new Promise((resolve) => child.once('exit', resolve));
      await until('the rollover has come so far', when, 60_000);
      child.kill('SIGKILL');
      await gone;
      await sleep(1500);
      heal(stack.state, 'test', 'test');
    };
    const [, report] = await under({ url: url(), connections: 'fresh' }, async () => {
      // While the new one is not judged yet: forward.
      stack.rewrite(program({ version: '5', watch: '20s' }));
      await killed(async () => (await names()).includes('/api-blue'));
      assert.ok((await names()).includes('/api-rollover-busy'));
      stack.rewrite(program({ version: '5' }));
      await stack.up();
      assert.deepEqual(await names(), ['/api-blue', '/api-rollover', '/proxy']);
      // While the users are watched on the new one: back.
      stack.rewrite(program({ version: '6', watch: '20s' }));
      await killed(async () => (await serves()) === '6');
      stack.rewrite(program({ version: '5' }));
      assert.equal((await stack.preview()).changeSummary['update'], 1);
      await stack.up();
    });
    unharmed(report);
    assert.equal(await serves(), '5');
    assert.deepEqual(await names(), ['/api-blue', '/api-rollover', '/proxy']);
    assert.deepEqual(Object.keys((await stack.preview()).changeSummary), ['same']);
  });

  test('the secrets are nowhere in the clear', async () => {
    assert.doesNotMatch(JSON.stringify(await stack.export()), /a-token-nobody-may-see/);
  });
});
