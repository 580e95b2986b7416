/** Every stack planned from nothing, without a credential and without a cluster, and compared with what was agreed on. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { hostPlugins } from '../../infra/sandbox/engine/index.ts';
import { CommandFailed, run } from '../../infra/sandbox/host/run.ts';
import { GOLDEN, goldenOf, graphOf, unknownOf, unknowns } from './support/graph.ts';
import { plannedFromNothing, UNKNOWN, type NewResource } from './support/planned.ts';
import { stacks } from './support/stacks.ts';

/** As many lines of a difference as somebody reads. */
const MOST_LINES = 60;

/** What differs, as `diff` tells it. Thousands of lines compared by an assertion take minutes and gigabytes. */
async function difference(golden: string, actual: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'platform-golden-'));
  try {
    const [before, after] = [join(folder, 'golden'), join(folder, 'planned')];
    writeFileSync(before, golden);
    writeFileSync(after, actual);
    return await run(['diff', '-U1', '--label', 'golden', '--label', 'planned', before, after]);
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.code !== 1) throw error;
    const lines = error.output.split('\n');
    const rest = lines.length > MOST_LINES ? [`… and ${lines.length - MOST_LINES} lines more`] : [];
    return [...lines.slice(0, MOST_LINES), ...rest].join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const stack of stacks()) {
  describe(stack, () => {
    test(`the whole of ${stack} can be planned from nothing, without a cluster, a cloud or a credential`, async () => {
      const { changeSummary, diagnostics, resources } = await plannedFromNothing(stack);
      assert.deepEqual(Object.keys(changeSummary), ['create']);
      assert.equal(changeSummary.create, resources.length);
      assert.deepEqual(
        diagnostics.filter(({ severity }) => severity === 'error'),
        [],
      );
    });

    test(`${stack} consists of what was agreed on, in the order and with the unknowns that were agreed on`, async () => {
      const { resources } = await plannedFromNothing(stack);
      for (const [file, text] of Object.entries(goldenOf(stack, resources))) {
        const path = join(GOLDEN, file);
        const golden = existsSync(path) ? readFileSync(path, 'utf8') : '';
        const differs = golden === text ? '' : await difference(golden, text);
        assert.ok(golden === text, `${file}: if this is meant, node test/engine/support/graph.ts ${stack}\n${differs}`);
      }
    });

    test(`the configuration of ${stack} tells which plugins it needs, and no more`, async () => {
      const { resources } = await plannedFromNothing(stack);
      const used = new Set(resources.map(({ type }) => type.split(':')[0]!));
      assert.deepEqual(
        hostPlugins(stack).toSorted(),
        ['aws', 'docker'].filter((plugin) => used.has(plugin)),
      );
    });

    test(`every unknown of ${stack} waits for a resource that the plan makes`, async () => {
      const { resources } = await plannedFromNothing(stack);
      const lost = unknowns(resources).filter(({ waitsFor }) => waitsFor.length === 0);
      assert.deepEqual(
        lost.map(({ resource: { name }, path }) => `${name} ${path}`),
        [],
      );
    });
  });
}

test('no golden is left of a stack that there is not', () => {
  const files = stacks().flatMap((stack) => Object.keys(goldenOf(stack, [])));
  assert.deepEqual(readdirSync(GOLDEN).toSorted(), files.toSorted());
});

describe('the text of a plan', () => {
  const urn = (name: string): string => `urn:pulumi:s::p::t:m:${name}::${name}`;
  const resource = (name: string, more: Partial<NewResource> = {}): NewResource => ({
    ...{ urn: urn(name), type: `t:m:${name}`, name, inputs: {}, outputs: {}, propertyDependencies: {} },
    ...more,
  });
  const [a, b, c] = [
    resource('a', { protect: true }),
    resource('b-0123456789ab', { dependencies: [urn('a')] }),
    resource('c', {
      parent: urn('a'),
      dependencies: [urn('a'), urn('b-0123456789ab')],
      inputs: { at: [{ id: UNKNOWN }], key: '[secret]', word: '[secret]' },
      propertyDependencies: { at: [urn('a')], key: [urn('b-0123456789ab')], word: [] },
    }),
  ] as const;

  test('has one order, masks digests, and leaves out what one waits for anyway', () => {
    const text = 'a  t:m:a  protected\n  c  t:m:c\n    | after b-#\nb-#  t:m:b-0123456789ab\n  | after a\n';
    assert.equal(graphOf([a, b, c]), text);
    assert.equal(graphOf([c, b, a]), text);
  });

  test('says of a component that one waits for all of it', () => {
    const whole = resource('whole', { type: 'platform:m:Whole' });
    const parts = ['one', 'two'].map((name) => resource(name, { parent: whole.urn }));
    const last = resource('last', { dependencies: parts.map(({ urn }) => urn) });
    assert.match(graphOf([whole, ...parts, last]), /^last {2}t:m:last\n {2}\| after all of whole$/m);
    const [first] = parts;
    assert.match(graphOf([whole, ...parts, { ...last, dependencies: [first!.urn] }]), /\| after one$/m);
  });

  test('names what each unknown waits for, secrets made of what is not there yet among them', () => {
    assert.equal(unknownOf([a, b, c]), 'c  t:m:c  at[0].id  <- a\nc  t:m:c  key (secret)  <- b-#\n');
  });

  test('shows an unknown that waits for nothing', () => {
    const lost = { ...c, propertyDependencies: {} };
    assert.match(unknownOf([a, b, lost]), /at\[0\]\.id {2}<- NOTHING THAT IS PLANNED/);
  });
});
