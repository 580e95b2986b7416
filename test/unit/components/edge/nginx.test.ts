import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nginxConf } from '../../../../components/edge/nginx.ts';
import type { NginxSettings } from '../../../../components/edge/place.ts';
import { blockOf, http, read, server, values } from './support/conf.ts';
import { API, FILES, NGINX } from './support/settings.ts';

const conf = (change: Partial<NginxSettings> = {}): string => nginxConf({ ...NGINX, ...change });
const added = (inside: Parameters<typeof values>[0]): Record<string, string> =>
  Object.fromEntries(
    values(inside, 'add_header').map((text) => {
      const [, name, value] = /^(\S+) (.*) always$/.exec(text)!;
      return [name!, value!];
    }),
  );
const E = {
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'self'",
};

test('TLS is 1.2 and 1.3 with forward secrecy and authenticated ciphers alone', () => {
  const inside = http(conf());
  assert.deepEqual(values(inside, 'ssl_protocols'), ['TLSv1.2 TLSv1.3']);
  const ciphers = values(inside, 'ssl_ciphers')[0]!.split(':');
  assert.ok(ciphers.length >= 6 && ciphers.every((name) => /^ECDHE-.*(GCM|POLY1305)/.test(name)), ciphers.join());
  assert.deepEqual(values(inside, 'ssl_session_tickets'), ['off']);
  assert.deepEqual(values(server(conf(), 8443, API.host), 'listen'), ['8443 ssl http2']);
});

test('the certificate is named by variables, so that nginx starts without it and reads it at each handshake', () => {
  const inside = server(conf(), 8443, API.host);
  const [certificate, key] = [values(inside, 'ssl_certificate')[0]!, values(inside, 'ssl_certificate_key')[0]!];
  const map = (variable: string) => values(blockOf(http(conf()), 'map', '$ssl_server_name', variable), 'default');
  assert.deepEqual(map(certificate), ['/run/edge/edge-tls/tls.crt']);
  assert.deepEqual(map(key), ['/run/edge/edge-tls/tls.key']);
});

test('in the clear a host with TLS answers challenges, and leads everything else to TLS with its method', () => {
  const inside = server(conf(), 8080, API.host);
  assert.deepEqual(values(blockOf(inside, 'location', '/'), 'return'), ['308 https://api.example.com$request_uri']);
  const challenge = blockOf(inside, 'location', '^~', '/.well-known/acme-challenge/');
  assert.deepEqual(values(challenge, 'set'), ['$solver acme-solver.shop.svc.cluster.local']);
  assert.deepEqual(values(challenge, 'proxy_pass'), ['http://$solver:8089']);
  assert.match(values(challenge, 'proxy_next_upstream')[0]!, /http_404/);
  assert.deepEqual([...values(challenge, 'limit_req'), ...values(challenge, 'modsecurity')], []);
  const other = server(conf({ publicHttps: 30443 }), 8080, API.host);
  assert.deepEqual(values(blockOf(other, 'location', '/'), 'return'), [
    '308 https://api.example.com:30443$request_uri',
  ]);
});

test('a host that is not served gets 404 in the clear and no handshake', () => {
  assert.deepEqual(values(blockOf(server(conf(), 8080, '_'), 'location', '/'), 'return'), ['404']);
  assert.deepEqual(values(server(conf(), 8080, '_'), 'listen'), ['8080 default_server']);
  assert.deepEqual(values(server(conf(), 8443, '_'), 'ssl_reject_handshake'), ['on']);
  assert.throws(() => server(conf({ sites: [FILES] }), 8443, '_'), /0 servers/);
});

test('E’s headers stand in every server, HSTS in those with TLS only, and no location has headers of its own', () => {
  for (const [port, host, secure] of [
    [8080, '_', false],
    [8443, '_', true],
    [8080, API.host, false],
    [8443, API.host, true],
    [8080, FILES.host, false],
  ] as const) {
    const inside = server(conf(), port, host);
    const headers = added(inside);
    for (const [name, value] of Object.entries(E)) assert.equal(headers[name], value, `${host} ${port}`);
    assert.equal(headers['Strict-Transport-Security'], secure ? 'max-age=31536000' : undefined, `${host} ${port}`);
    const hidden = values(inside, 'proxy_hide_header');
    for (const name of [...Object.keys(E), 'Strict-Transport-Security', 'X-Request-Id']) {
      assert.ok(hidden.includes(name), `${name} of the upstream shows on ${host}`);
    }
    for (const { words, inside: below } of inside) {
      if (below)
        assert.deepEqual([...values(below, 'add_header'), ...values(below, 'proxy_hide_header')], [], words.join());
    }
  }
  const console_ = conf({ sites: [{ ...FILES, contentSecurityPolicy: "default-src 'self' data:" }] });
  assert.equal(added(server(console_, 8080, FILES.host))['Content-Security-Policy'], "default-src 'self' data:");
});

test('CORS: listed origins exactly, the upstream’s own answer hidden, and nothing for a host that states none', () => {
  const origins = blockOf(http(conf()), 'map', '$http_origin', '$cors_0_origin');
  assert.deepEqual(
    origins.map(({ words }) => words.join(' ')),
    ['default ', ...API.cors!.origins.toSorted().map((origin) => `${origin} ${origin}`)],
  );
  assert.ok(values(server(conf(), 8443, API.host), 'proxy_hide_header').includes('Access-Control-Allow-Origin'));
  assert.ok(!values(server(conf(), 8080, FILES.host), 'proxy_hide_header').includes('Access-Control-Allow-Origin'));
  assert.ok(!('Access-Control-Allow-Origin' in added(server(conf(), 8080, FILES.host))));
});

test('the limit is per address and by the stated numbers, before everything that is passed on', () => {
  const inside = http(conf());
  assert.deepEqual(values(inside, 'limit_req_zone'), ['$binary_remote_addr zone=address:10m rate=50r/s']);
  assert.deepEqual(values(inside, 'limit_req_status'), ['429']);
  const limit = (change: Partial<NginxSettings>) =>
    values(blockOf(server(conf(change), 8443, API.host), 'location', '/'), 'limit_req');
  assert.deepEqual(limit({}), ['zone=address burst=100 nodelay']);
  assert.deepEqual(limit({ rateLimit: { perSecond: 1, burst: 0 } }), ['zone=address']);
});

test('the address of a client is the connection’s, unless a trusted network says another', () => {
  assert.deepEqual(values(http(conf()), 'real_ip_header'), []);
  const trusted = ['172.16.0.0/12', '10.0.0.0/8'];
  const forwarded = http(conf({ clientAddress: { from: 'forwardedFor', trusted } }));
  assert.deepEqual(values(forwarded, 'set_real_ip_from'), trusted.toSorted());
  assert.deepEqual(values(forwarded, 'real_ip_header'), ['X-Forwarded-For']);
  assert.deepEqual(values(forwarded, 'real_ip_recursive'), ['on']);
  const proxied = conf({ clientAddress: { from: 'proxyProtocol', trusted } });
  assert.deepEqual(values(http(proxied), 'real_ip_header'), ['proxy_protocol']);
  assert.deepEqual(values(server(proxied, 8443, API.host), 'listen'), ['8443 ssl http2 proxy_protocol']);
  assert.deepEqual(values(server(proxied, 8080, '_'), 'listen'), ['8080 proxy_protocol default_server']);
  // What the client claims is written over, never added to.
  assert.ok(values(http(conf()), 'proxy_set_header').includes('X-Forwarded-For $remote_addr'));
});

test('what nginx knows of its connections stands on the monitoring’s port, as Prometheus reads it', () => {
  const figures = blockOf(server(conf(), 8082, ''), 'location', '=', '/metrics');
  const [told] = values(figures, 'return');
  for (const state of ['active', 'reading', 'writing', 'waiting']) {
    assert.ok(told!.includes(`nginx_connections_${state} $connections_${state}\\n`), told);
  }
  assert.deepEqual(values(figures, 'default_type'), ['text/plain; version=0.0.4']);
});

test('the firewall stands before the hosts that are inspected, and its module is loaded only then', () => {
  const inspected = (text: string, port: number, host: string) =>
    values(blockOf(server(text, port, host), 'location', '/'), 'modsecurity');
  assert.deepEqual(inspected(conf(), 8443, API.host), ['on']);
  assert.deepEqual(inspected(conf(), 8080, FILES.host), []);
  assert.equal(values(read(conf()), 'load_module').length, 1);
  const { firewall: _off, ...off } = NGINX;
  assert.deepEqual(values(read(nginxConf(off)), 'load_module'), []);
  assert.deepEqual(inspected(nginxConf(off), 8443, API.host), []);
});

test('bodies, patience and buffering are each host’s own', () => {
  const [api, files] = [server(conf(), 8443, API.host), server(conf(), 8080, FILES.host)];
  assert.deepEqual(values(api, 'client_max_body_size'), [String(10 * 2 ** 20)]);
  assert.deepEqual(values(files, 'client_max_body_size'), [String(5 * 2 ** 30)]);
  assert.deepEqual(values(blockOf(api, 'location', '/'), 'proxy_read_timeout'), ['60000ms']);
  assert.deepEqual(values(blockOf(files, 'location', '/'), 'proxy_read_timeout'), ['1500ms']);
  assert.deepEqual(values(blockOf(api, 'location', '/'), 'proxy_request_buffering'), []);
  assert.deepEqual(values(blockOf(files, 'location', '/'), 'proxy_request_buffering'), ['off']);
});

test('an idle connection to a pod is given up before the pod gives it up, which for Uvicorn and Node is after 5 s', () => {
  const [kept = ''] = values(blockOf(http(conf()), 'upstream', 'api_8000'), 'keepalive_timeout');
  assert.ok(parseInt(kept) >= 1 && parseInt(kept) < 5, kept);
});

test('a second try goes to the same Service, never with a request that may not be sent twice', () => {
  const inside = http(conf());
  assert.deepEqual(values(blockOf(inside, 'upstream', 'api_8000'), 'server'), [
    'api:8000 max_fails=0',
    'api:8000 max_fails=0',
  ]);
  assert.deepEqual(values(blockOf(inside, 'upstream', 'api_8000'), 'keepalive'), ['32']);
  assert.deepEqual(values(inside, 'proxy_next_upstream'), ['error timeout']);
  assert.deepEqual(values(inside, 'proxy_next_upstream_tries'), ['2']);
});

test('a Service that may come later is looked up at each request, and nginx starts without it', () => {
  const late = { ...FILES, upstream: { service: 'grafana', port: 3000, late: true } };
  const text = conf({ sites: [API, late] });
  const location = blockOf(server(text, 8080, FILES.host), 'location', '/');
  assert.deepEqual(values(location, 'set'), ['$upstream grafana.shop.svc.cluster.local']);
  assert.deepEqual(values(location, 'proxy_pass'), ['http://$upstream:3000']);
  assert.throws(() => blockOf(http(text), 'upstream', 'grafana_3000'), /0 blocks/);
});

test('an upstream with TLS is believed only under its own name, by its own authority', () => {
  const text = conf({ sites: [{ ...FILES, upstream: { ...FILES.upstream, tls: { secretName: 'minio-tls' } } }] });
  const location = blockOf(server(text, 8080, FILES.host), 'location', '/');
  assert.deepEqual(values(location, 'proxy_pass'), ['https://minio_9000_minio-tls']);
  assert.equal(values(blockOf(http(text), 'upstream', 'minio_9000_minio-tls'), 'server')[0], 'minio:9000 max_fails=0');
  assert.deepEqual(values(location, 'proxy_ssl_verify'), ['on']);
  assert.deepEqual(values(location, 'proxy_ssl_name'), ['minio']);
  assert.deepEqual(values(location, 'proxy_ssl_trusted_certificate'), ['/run/edge-authorities/minio-tls/ca.crt']);
  assert.deepEqual(values(blockOf(server(conf(), 8080, FILES.host), 'location', '/'), 'proxy_ssl_verify'), []);
});

const SIDES = { blue: 'api-blue', green: 'api-green', split: 'api-split' };
const divided = (change: Partial<NginxSettings['sites'][number]['upstream']> = {}): string =>
  conf({ sites: [{ ...API, upstream: { ...API.upstream, sides: SIDES, ...change } }, FILES] });

test('an upstream with two sides is green’s where a file of the request’s bucket stands, and blue’s otherwise', () => {
  const inside = http(divided());
  const shares = blockOf(inside, 'split_clients', '$request_id', '$edge_bucket').map(({ words }) => words.join(' '));
  assert.deepEqual(
    shares,
    Array.from({ length: 100 }, (_, bucket) => `${bucket === 99 ? '*' : '1%'} ${bucket}`),
  );
  const host = server(divided(), 8443, API.host);
  assert.deepEqual(values(host, 'set'), ['$edge_side api-blue_8000']);
  const chosen = blockOf(host, 'if', '(-f', '/run/split/api-split/$edge_bucket)');
  assert.deepEqual(values(chosen, 'set'), ['$edge_side api-green_8000']);
  // An `if` in a location would take the request to a configuration of its own.
  const location = blockOf(host, 'location', '/');
  assert.deepEqual(values(location, 'proxy_pass'), ['http://$edge_side']);
  assert.ok(!location.some(({ words }) => words[0] === 'if'));
  assert.doesNotMatch(divided(), /open_file_cache/);
});

test('both sides have a group of kept connections, and the Service that leads to either has none', () => {
  for (const name of ['api-blue', 'api-green']) {
    const group = blockOf(http(divided()), 'upstream', `${name}_8000`);
    assert.deepEqual(values(group, 'server'), [`${name}:8000 max_fails=0`, `${name}:8000 max_fails=0`]);
    assert.deepEqual(values(group, 'keepalive'), ['32']);
  }
  assert.throws(() => blockOf(http(divided()), 'upstream', 'api_8000'), /0 blocks/);
  const late = server(divided({ late: true }), 8443, API.host);
  assert.deepEqual(values(late, 'set'), ['$edge_side api-blue.shop.svc.cluster.local']);
  assert.deepEqual(values(blockOf(late, 'location', '/'), 'proxy_pass'), ['http://$edge_side:8000']);
});

test('shares are taken on a port of their own, bucket by bucket, from who has the password', () => {
  const [own] = http(divided()).filter(({ inside }) => inside && values(inside, 'listen')[0] === '8083');
  assert.deepEqual(values(blockOf(own!.inside!, 'location', '/'), 'return'), ['404']);
  const list = blockOf(own!.inside!, 'location', '=', '/api-split/');
  const bucket = blockOf(own!.inside!, 'location', '~', '^/api-split/(?:[1-9]?[0-9])$');
  for (const location of [list, bucket]) {
    assert.deepEqual(values(location, 'auth_basic_user_file'), ['/run/split-access/api-split/htpasswd']);
    assert.deepEqual([values(location, 'auth_basic'), values(location, 'root')], [['split'], ['/run/split']]);
  }
  assert.deepEqual([values(list, 'dav_methods'), values(list, 'autoindex_format')], [[], ['json']]);
  assert.deepEqual(values(bucket, 'dav_methods'), ['PUT DELETE']);
  assert.match(values(bucket, 'client_body_temp_path')[0]!, /^\/run\/split\//);
});

test('where nothing is divided, nothing of it is there', () => {
  assert.doesNotMatch(conf(), /split|8083|dav_/);
});

test('one worker a whole core, and at least one', () => {
  const workers = (cores: NginxSettings['cores']) => values(read(conf({ cores })), 'worker_processes');
  assert.deepEqual([workers('100m'), workers('1'), workers('2500m')], [['1'], ['1'], ['2']]);
});

test('the log holds a path and no query; lines that would hold one are not written', () => {
  const format = values(http(conf()), 'log_format')[0]!;
  assert.doesNotMatch(format, /\$(request|request_uri|args|query_string|http_authorization|http_cookie)\b/);
  assert.match(format, /\$uri/);
  assert.deepEqual(values(read(conf()), 'error_log'), ['/dev/stderr crit']);
});

test('hosts, origins and trusted networks in another order are the same configuration', () => {
  const cors = { origins: API.cors!.origins.toReversed() };
  assert.equal(conf({ sites: [FILES, { ...API, cors }] }), conf());
  const trusted = ['172.16.0.0/12', '10.0.0.0/8'];
  const from = 'proxyProtocol';
  assert.equal(
    conf({ clientAddress: { from, trusted } }),
    conf({ clientAddress: { from, trusted: trusted.toReversed() } }),
  );
});
