import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { CHECKOUT } from '../../../../../infra/sandbox/host/paths.ts';
import { CommandFailed, run } from '../../../../../infra/sandbox/host/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-'));
after(() => rmSync(folder, { recursive: true }));

/** Tools that note how they were called, and what they were given to read. */
for (const tool of ['docker', 'kind', 'k3d']) {
  const file = join(folder, tool);
  writeFileSync(file, `#!/bin/sh\necho "${tool} $*" >> "${folder}/calls"\ncat >> "${folder}/read"\n`);
  chmodSync(file, 0o755);
}

/** As on a machine where the archive cannot be assembled: the verb believes that it is not root. */
const NOT_ROOT = `data:text/javascript,process.getuid = () => 1000;`;

const image = (...args: readonly string[]): Promise<string> =>
  run([process.execPath, '--import', NOT_ROOT, 'infra/sandbox/cli.ts', 'image', ...args], {
    cwd: CHECKOUT,
    env: { PATH: [folder, dirname(process.execPath), process.env.PATH].join(delimiter) },
  });

test('without root, Docker builds both releases from the list, and kind gets them by their references', async () => {
  await image('CLUSTER=kind');
  const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  assert.deepEqual(
    calls.map((call) => call.split(' ').slice(0, 2).join(' ')),
    ['docker build', 'docker build', 'kind load'],
  );
  assert.match(calls[2]!, /corporate-intel-api:1\.0\.0 \S*corporate-intel-api:1\.1\.0 --name kind$/);
  assert.match(readFileSync(join(folder, 'read'), 'utf8'), /^ENTRYPOINT /m);
});

test('a cluster of another name is the one that gets them', async () => {
  await image('CLUSTER=k3d', 'NAME=mine');
  assert.match(readFileSync(join(folder, 'calls'), 'utf8'), /k3d image import .* --cluster mine\n$/);
});

test('a cluster tool that is not known is refused, with those that are', async () => {
  for (const args of [[], ['CLUSTER=minikube']]) {
    await assert.rejects(image(...args), (error) => {
      assert.ok(error instanceof CommandFailed);
      assert.match(error.output, /wanted one of kind, k3d/);
      return true;
    });
  }
});
