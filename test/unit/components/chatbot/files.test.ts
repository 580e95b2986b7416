import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  backupScript,
  containerName,
  nginxConf,
  secureOrigin,
  PARTS,
  postgresFacts,
  PROFILES,
  redisConf,
} from '../../../../components/chatbot/index.ts';

const PART = {
  image: { reference: 'docker.io/library/postgres:15.20', uid: 999 },
  cpu: { request: '250m', limit: '1' },
  memory: '768Mi',
} as const;

test('the containers have the guide’s names, five of them or three', () => {
  assert.deepEqual(PARTS.map(containerName), [
    'tria_aibpo_postgres',
    'tria_aibpo_redis',
    'tria_aibpo_backend',
    'tria_aibpo_frontend',
    'tria_aibpo_nginx',
  ]);
  assert.equal(containerName('e2e-tests'), 'tria_aibpo_e2e_tests');
  assert.deepEqual([PROFILES['full-stack'].length, PROFILES['backend-only'].length], [5, 3]);
});

test('PostgreSQL is tuned by flags, and well once it takes connections over the network', () => {
  const tuning = { sharedBuffers: '1MB', effectiveCacheSize: '2MB', workMem: '3MB', maintenanceWorkMem: '4MB' };
  const { command, health, settings } = postgresFacts(PART, { user: 'u', database: 'd', tuning });
  assert.equal(
    command!.join(' '),
    'postgres -c shared_buffers=1MB -c effective_cache_size=2MB -c work_mem=3MB -c maintenance_work_mem=4MB',
  );
  assert.ok(health!.command.includes('--host=127.0.0.1'));
  assert.ok(!Object.keys(settings!).some((name) => name.includes('PASSWORD')));
});

test('Redis knows the hash of its password, and the limit in its own units', () => {
  const text = redisConf({ maxMemory: '512mb', evictionPolicy: 'allkeys-lru' }, 'secret-8431');
  assert.match(text, /^maxmemory 512mb$/m);
  assert.match(text, /^maxmemory-policy allkeys-lru$/m);
  assert.ok(text.includes(`#${createHash('sha256').update('secret-8431').digest('hex')} `));
  assert.ok(!text.includes('secret-8431'));
});

test('nginx asks for a name at each request, and gives the figures away to nobody', () => {
  const text = nginxConf();
  const passed = [...text.matchAll(/proxy_pass (\S+);/g)].map((hit) => hit[1]!);
  assert.deepEqual(passed, ['http://$backend:8003', 'http://$backend:8003', 'http://$frontend:3000']);
  assert.match(text, /resolver 127\.0\.0\.11 /);
  assert.ok(!text.includes('metrics'));
});

test('with a certificate nginx serves over TLS what it served in the clear, and sends everybody there', () => {
  const [plain, text] = [nginxConf(), nginxConf({ host: 'chat.example.com', port: 443 })];
  const [clear, secure] = text.split(/^(?=server )/m);
  assert.match(clear!, /listen 8080;/);
  assert.match(clear!, /return 308 https:\/\/chat\.example\.com\$request_uri;/);
  assert.ok(!clear!.includes('proxy_pass'));
  const passed = (config: string): string[] => [...config.matchAll(/location[^}]*}/g)].map(([block]) => block);
  assert.deepEqual(passed(secure!), passed(plain));
  assert.match(secure!, /listen 8443 ssl;\n {2}ssl_certificate \/etc\/nginx\/tls\/tls\.crt;/);
  assert.match(secure!, /ssl_protocols TLSv1\.2 TLSv1\.3;/);
  assert.match(secure!, /Strict-Transport-Security/);
  assert.ok(!plain.includes('Strict-Transport-Security'), 'no promise in the clear');
});

test('a port that does not go without saying is said', () => {
  assert.equal(secureOrigin({ host: 'chat.example.com', port: 443 }), 'https://chat.example.com');
  assert.equal(secureOrigin({ host: 'chat.example.com', port: 8444 }), 'https://chat.example.com:8444');
});

test('a backup is named by the second, read back before it has its name, and keeps no password', () => {
  const text = backupScript({ user: 'tria_admin', database: 'tria_aibpo' });
  const order = ['pg_dump ', 'pg_restore --list', 'mv ', 'sha256sum', 'backup complete'].map((part) =>
    text.indexOf(part),
  );
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  assert.ok(order.every((at) => at > 0));
  assert.match(text, /backup_\$\(date -u \+%Y%m%d_%H%M%S\)\.dump/);
  assert.match(text, /--format=custom/);
  assert.ok(!/password/i.test(text));
});
