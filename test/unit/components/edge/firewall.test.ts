import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modsecurityConf } from '../../../../components/edge/firewall.ts';
import type { Firewall } from '../../../../components/edge/index.ts';

const BLOCKING: Firewall = { mode: 'block', paranoia: 1, threshold: 5 };
const conf = (change: Partial<Firewall> = {}): string => modsecurityConf({ ...BLOCKING, ...change }, 1024);
const line = (text: string, name: string): string | undefined =>
  text
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name} `))
    ?.slice(name.length + 1);

test('the mode decides whether a finding is refused or only written down', () => {
  assert.equal(line(conf(), 'SecRuleEngine'), 'On');
  assert.equal(line(conf({ mode: 'detect' }), 'SecRuleEngine'), 'DetectionOnly');
});

test('paranoia and threshold are set before the rules are read', () => {
  const text = conf({ paranoia: 3, threshold: 12 });
  const at = (needle: string): number => text.indexOf(needle);
  assert.ok(at('tx.paranoia_level=3') > 0 && at('tx.inbound_anomaly_score_threshold=12') > 0);
  assert.ok(at('tx.crs_setup_version') < at('Include /opt/owasp-crs/rules/'));
});

test('bodies are read up to what nginx lets in, answers are not', () => {
  assert.equal(line(conf(), 'SecRequestBodyAccess'), 'On');
  assert.equal(line(conf(), 'SecRequestBodyLimit'), '1024');
  assert.equal(line(conf(), 'SecResponseBodyAccess'), 'Off');
});

test('fields with passwords are neither judged nor logged, as JSON and as a form, once the rules are there', () => {
  const text = conf();
  for (const field of ['password', 'json.password', 'json.refresh_token']) {
    assert.ok(text.indexOf(`!ARGS:${field}"`) > text.indexOf('Include '), field);
  }
});

test('the log of findings is JSON on standard output, without headers and bodies', () => {
  const text = conf();
  assert.equal(line(text, 'SecAuditLogParts'), 'AHZ');
  assert.equal(line(text, 'SecAuditLogFormat'), 'JSON');
  assert.equal(line(text, 'SecAuditLog'), '/dev/stdout');
});

test('the rules of our own have numbers of the local range, each once', () => {
  const ids = [...conf().matchAll(/\bid:(\d+)/g)].map(([, id]) => Number(id));
  assert.ok(ids.length >= 5 && ids.every((id) => id < 100_000));
  assert.equal(new Set(ids).size, ids.length);
});
