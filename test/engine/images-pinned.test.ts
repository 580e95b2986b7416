/** `make pin` against a real registry, and production, which runs nothing that has only a tag. */
import assert from 'node:assert/strict';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { CommandFailed, run } from '../../infra/sandbox/host/run.ts';
import { parseReference } from '../../infra/sandbox/registry/client.ts';
import { readImages, sealOf, wantedReferences } from '../../infra/sandbox/registry/pins.ts';
import { pin } from '../../infra/sandbox/verbs/pin.ts';
import { engine, type EngineTest } from './support/engine.ts';
import { manifestsIn, plannedResources, podTemplate, type Manifest, type PlannedResource } from './support/planned.ts';
import { startRegistry, type Registry } from './support/registry.ts';
import { stacks } from './support/stacks.ts';

/** A copy of what `make pin` reads and writes, with the rest of the tree in reach. */
const tree = mkdtempSync(join(tmpdir(), 'platform-pins-'));
cpSync(join(CHECKOUT, 'stacks'), join(tree, 'stacks'), { recursive: true });
for (const file of [...globSync('Pulumi*.yaml', { cwd: CHECKOUT }), 'index.mjs', 'package.json']) {
  cpSync(join(CHECKOUT, file), join(tree, file));
}
for (const folder of ['components', 'infra', 'node_modules']) symlinkSync(join(CHECKOUT, folder), join(tree, folder));
const listing = (): string => readFileSync(join(tree, 'stacks/images.json'), 'utf8');
const API = '444455556666.dkr.ecr.us-east-1.amazonaws.com/corporate-intel-api';
// Staging's image has the same path in a registry of its own; here is one for all.
const staging = join(tree, 'Pulumi.staging.yaml');
writeFileSync(staging, readFileSync(staging, 'utf8').replace(/^ {4}pinnedImages: true\n/m, ''));

let registry: Registry;
const pushed = new Map<string, string>();
before(async () => {
  registry = await startRegistry();
});
after(async () => {
  await registry.stop();
  rmSync(tree, { recursive: true });
});

async function push(reference: string): Promise<void> {
  const { repository, tag } = parseReference(reference)!;
  pushed.set(reference, await registry.push(repository, tag, reference));
}

describe('make pin', () => {
  test('asks for every image of the list and for production’s own', () => {
    const wanted = wantedReferences(tree);
    assert.ok(wanted.length > Object.keys(readImages(tree).images).length);
    assert.ok(wanted.some((reference) => reference.startsWith(`${API}:`)));
  });

  test('where the registry cannot be reached, says so of every image, and changes nothing', async () => {
    const before = listing();
    const count = wantedReferences(tree).length;
    await assert.rejects(pin(tree, 'http://127.0.0.1:9'), ({ message }: Error) => {
      assert.match(message, new RegExp(`^no digest for ${count} of ${count} images; nothing was changed:\n`));
      assert.equal([...message.matchAll(/http:\/\/127\.0\.0\.1:9 cannot be reached: /g)].length, count);
      return true;
    });
    assert.equal(listing(), before);
  });

  test('where one image is unknown, names it, and changes nothing', async () => {
    const [unknown, ...known] = wantedReferences(tree);
    for (const reference of known) await push(reference);
    const before = listing();
    await assert.rejects(pin(tree, registry.address), ({ message }: Error) => {
      const { repository, tag } = parseReference(unknown!)!;
      assert.ok(message.includes(`  ${unknown!}: ${registry.address} has no ${repository}:${tag}\n`), message);
      assert.match(message, /^no digest for 1 of \d+ images/);
      return true;
    });
    assert.equal(listing(), before);
    await push(unknown!);
  });

  test('writes what the registry has, and leaves every other byte', async () => {
    const before = listing();
    await pin(tree, registry.address);
    assert.deepEqual(
      readImages(tree).digests,
      Object.fromEntries([...pushed].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    );
    assert.equal(readImages(tree).seal, sealOf(readImages(tree).digests));
    const head = before.slice(0, before.indexOf('"digests"'));
    assert.ok(listing().startsWith(head));
    const again = listing();
    await pin(tree, registry.address);
    assert.equal(listing(), again);
    await run(
      [
        join(CHECKOUT, 'node_modules/.bin/prettier'),
        '--config',
        join(CHECKOUT, '.prettierrc.json'),
        '--check',
        join(tree, 'stacks/images.json'),
      ],
      {
        cwd: CHECKOUT,
      },
    );
  });

  test('takes up the new digest of a tag that was moved', async () => {
    const [moved] = wantedReferences(tree);
    const { repository, tag } = parseReference(moved!)!;
    const digest = await registry.push(repository, tag, 'another content');
    assert.notEqual(digest, pushed.get(moved!));
    pushed.set(moved!, digest);
    await pin(tree, registry.address);
    assert.equal(readImages(tree).digests[moved!], digest);
  });

  test('is a verb, which refuses an address that is none', async () => {
    const verb = run([process.execPath, join(CHECKOUT, 'infra/sandbox/cli.ts'), 'pin', 'REGISTRY=localhost']);
    await assert.rejects(verb, (error) => {
      assert.ok(error instanceof CommandFailed);
      assert.match(error.output, /REGISTRY: found "localhost"; wanted an address like https:/);
      return true;
    });
  });
});

/** Every container of every pod template, by what it runs. */
const imagesIn = (objects: readonly Manifest[]): string[] =>
  objects.flatMap((object) => {
    const { containers = [], initContainers = [] } = (podTemplate(object)?.spec ?? {}) as Record<
      string,
      { image: string }[]
    >;
    return [...containers, ...initContainers].map(({ image }) => image);
  });

describe('the stacks', () => {
  for (const stack of stacks()) {
    test(`${stack} runs no image that is not in the list`, async () => {
      const listed = Object.values(readImages(CHECKOUT).images).map(({ repository, tag }) => `${repository}:${tag}`);
      const resources = await plannedResources(stack);
      const fetched = resources.filter(({ type }) => type.endsWith(':RemoteImage')).map(({ inputs }) => inputs.name);
      const images = [...imagesIn(manifestsIn(resources)), ...(fetched as string[])];
      const used = new Set(images.map((image) => image.split('@')[0]!));
      const others = [...used].filter((image) => !listed.includes(image));
      assert.ok(used.size >= 4);
      assert.deepEqual(
        others.filter((image) => !/(^|\/)(corporate-intel-api|architect-api|tria-aibpo-[a-z]+):\d/.test(image)),
        [],
      );
    });
  }

  test('production, once pinned, runs everything by the digest that the registry gave', async () => {
    const resources = await plannedResources('production', undefined, tree);
    const images = imagesIn(manifestsIn(resources));
    assert.ok(images.length >= 5);
    for (const image of images) {
      const [tagged, digest] = image.split('@') as [string, string | undefined];
      assert.equal(digest, pushed.get(tagged), image);
    }
  });

  test('production makes nothing before its gate on digests, which looks at every image there is', async () => {
    const resources = await plannedResources('production');
    const gate = resources.find(({ type }) => type.endsWith('gates:PinGate'));
    assert.ok(gate, 'there is no such gate');
    const judged = gate.inputs.images as string[];
    assert.deepEqual(
      imagesIn(manifestsIn(resources)).filter((image) => !judged.includes(image)),
      [],
    );
    const waiting = waitingFor(gate.urn, resources);
    const free = resources
      .filter(({ type }) => type.startsWith('kubernetes:') || type.startsWith('pulumi-nodejs:dynamic/'))
      .filter(({ urn }) => urn !== gate.urn && !waiting.has(urn));
    assert.deepEqual(
      free.filter(({ type }) => !type.endsWith('gates:ImageGate')).map(({ name }) => name),
      [],
    );
  });
});

/** What waits for a resource, itself or through what it waits for or is in. */
function waitingFor(urn: string, resources: readonly PlannedResource[]): Set<string> {
  const found = new Set([urn]);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const { urn: one, dependencies = [] } of resources) {
      if (dependencies.some((other) => found.has(other))) found.add(one);
    }
  }
  return found;
}

describe('an image with only a tag', () => {
  const DIGEST = `sha256:${'ab'.repeat(32)}`;
  const program = (images: readonly string[]): string => `
    import { PinGate } from './components/gates/index.ts';
    import { RandomPassword } from '@pulumi/random/randomPassword.js';
    const gate = new PinGate('pins', { cluster: {}, images: ${JSON.stringify(images)} });
    new RandomPassword('behind', { length: 8 }, { dependsOn: gate });
  `;
  let stack: EngineTest;
  before(async () => {
    stack = await engine({
      source: program(['docker.io/library/a:1', `docker.io/library/b:1@${DIGEST}`, 'quay.io/c/d:2']),
      plugins: 'fallback',
    });
  });
  after(() => stack.remove());

  test('passes a preview', async () => {
    const { steps } = await stack.preview();
    for (const name of ['pins', 'behind']) {
      assert.ok(
        steps.some(({ op, urn }) => op === 'create' && urn.endsWith(`::${name}`)),
        name,
      );
    }
  });

  test('is refused by an update, in one error that names all of them and the remedy, before anything is made', async () => {
    const { output } = await stack.up({ fails: true });
    assert.match(output, /PinGate "pins" stays shut: fail .*2 images have only a tag; run "make pin"/);
    assert.match(output, /docker\.io\/library\/a:1, quay\.io\/c\/d:2/);
    assert.ok(!output.includes('docker.io/library/b:1'));
    assert.ok(!(await stack.export()).some(({ type }) => type.includes('RandomPassword')));
  });

  test('is no obstacle any more once it has a digest', async () => {
    stack.rewrite(program([`docker.io/library/a:1@${DIGEST}`]));
    await stack.up();
    assert.ok((await stack.export()).some(({ type }) => type.includes('RandomPassword')));
    await stack.destroy();
  });
});
