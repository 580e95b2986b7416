/** `make render STACK=production` read by kube-score and checkov: each finding is mended, or answered with its reason. */
import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dump } from 'js-yaml';
import { lacksForPython } from '../../infra/sandbox/build/scanners.ts';
import { ANSWERS, answers } from './support/findings/answers.ts';
import { checked, scored, type Finding } from './support/findings/scanners.ts';
import { renderedProduction } from './support/rendered.ts';

const lacking = await lacksForPython('checkov');
const needsPython = lacking === undefined ? {} : { skip: lacking };

const root = mkdtempSync(join(tmpdir(), 'platform-findings-'));
const [rendered, planted] = [join(root, 'production'), join(root, 'planted')];
after(() => rmSync(root, { recursive: true }));

before(async () => {
  mkdirSync(rendered);
  for (const [name, text] of Object.entries(await renderedProduction())) writeFileSync(join(rendered, name), text);
  mkdirSync(planted);
  const container = { name: 'main', image: 'docker.io/library/redis', securityContext: { privileged: true } };
  const template = { metadata: { labels: { app: 'planted' } }, spec: { containers: [container] } };
  const object = {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'planted', namespace: 'production' } },
    spec: { replicas: 1, selector: { matchLabels: { app: 'planted' } }, template },
  };
  writeFileSync(join(planted, 'planted.yaml'), dump(object));
});

const filesOf = (folder: string): string[] => globSync(join(folder, '*.yaml')).toSorted();
const told = ({ tool, check, object, says }: Finding): string => `${tool} ${check}: ${object}: ${says}`;

/** @param findings all that one tool has found */
function judged(tool: Finding['tool'], findings: readonly Finding[]): void {
  const own = ANSWERS.filter((answer) => answer.tool === tool);
  const open = findings.filter((finding) => !own.some((answer) => answers(answer, finding)));
  console.log(`    ${findings.length} findings, ${findings.length - open.length} of them answered`);
  assert.deepEqual(open.map(told), [], 'findings that are neither mended nor answered');
  const stale = own.filter((answer) => !findings.some((finding) => answers(answer, finding)));
  assert.deepEqual(
    stale.map(({ check, objects }) => `${check} ${String(objects)}`),
    [],
    'answers to what nobody finds any more',
  );
}

test('kube-score finds nothing in production that is not answered', async () => {
  const { objects, findings } = await scored(filesOf(rendered));
  assert.ok(objects > 20, `it read ${objects} objects`);
  judged('kube-score', findings);
});

test('checkov finds nothing in production that is not answered', needsPython, async () => {
  const { passed, findings } = await checked(rendered);
  assert.ok(passed > 300, `${passed} checks passed`);
  judged('checkov', findings);
});

test('kube-score finds what is planted', async () => {
  const { findings } = await scored(filesOf(planted));
  const checks = new Set(findings.map(({ check }) => check));
  for (const check of ['container-image-tag', 'container-resources', 'container-security-context-privileged']) {
    assert.ok(checks.has(check), `${check} is not among ${[...checks].join(', ')}`);
  }
  assert.throws(() => judged('kube-score', findings), /neither mended nor answered/);
});

test('checkov finds what is planted', needsPython, async () => {
  const { findings } = await checked(planted);
  assert.ok(findings.some(({ check, object }) => check === 'CKV_K8S_16' && object === 'Deployment production/planted'));
  assert.throws(() => judged('checkov', findings), /neither mended nor answered/);
});

test('an answer without a finding is found', () => {
  assert.throws(() => judged('kube-score', []), /nobody finds any more/);
});
