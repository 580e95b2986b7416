/** The inputs of every AWS resource of every stack, held against the types of the installed `@pulumi/aws`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { problemsOf, readTable } from './support/aws/check.ts';
import { generate, TABLE, textOf } from './support/aws/table.ts';
import { plannedFromNothing, UNKNOWN } from './support/planned.ts';
import { stacks } from './support/stacks.ts';

const table = readTable();

test('the table of required fields and enumerations is that of the installed package, for the kinds in use', () => {
  const fresh = readFileSync(TABLE, 'utf8') === textOf(generate());
  assert.ok(fresh, 'make it anew: node test/engine/support/aws/table.ts');
});

for (const stack of stacks()) {
  test(`every AWS resource of ${stack} has what its kind requires, and nothing that it does not take`, async () => {
    const { resources } = await plannedFromNothing(stack);
    const own = resources.filter(({ type }) => type.startsWith('aws:'));
    console.log(`    ${own.length} resources of ${new Set(own.map(({ type }) => type)).size} kinds`);
    assert.deepEqual(
      own.flatMap((resource) => problemsOf(resource, table)),
      [],
    );
  });
}

describe('what is planted is found:', () => {
  const inputs = {
    name: 'one',
    roleArn: UNKNOWN,
    vpcConfig: { subnetIds: ['subnet-1', UNKNOWN], endpointPublicAccess: false },
    encryptionConfig: { resources: ['secrets'], provider: { keyArn: UNKNOWN } },
  };
  const problems = (more: object, type = 'aws:eks/cluster:Cluster'): string[] =>
    problemsOf({ type, name: 'eks', inputs: { ...inputs, ...more } }, table);
  const found = (expected: RegExp, more: object): void => {
    const all = problems(more);
    assert.equal(all.length, 1, all.join('\n'));
    assert.match(all[0]!, expected);
  };

  test('nothing where nothing is', () => assert.deepEqual(problems({}), []));
  test('a field that is missing', () => found(/roleArn: found nothing; it is required/, { roleArn: undefined }));
  test('a field that is missing in a block', () =>
    found(/encryptionConfig\.provider: found nothing/, { encryptionConfig: { resources: ['secrets'] } }));
  test('a field that is misspelt', () =>
    found(/vpcConfig\.subnetIDs: there is no such field; the nearest is subnetIds/, {
      vpcConfig: { ...inputs.vpcConfig, subnetIDs: [] },
    }));
  test('a value of another type', () =>
    found(/subnetIds: found string; wanted a list/, { vpcConfig: { subnetIds: 'a' } }));
  test('a value that an enumeration does not have', () => {
    const all = problemsOf(
      { type: 'aws:ec2/instance:Instance', name: 'host', inputs: { instanceType: 't3.middling', ami: 'ami-1' } },
      table,
    );
    assert.match(all.join(), /instanceType: found "t3\.middling"; wanted one of /);
  });
  test('a kind that the table does not have', () => {
    assert.match(problems({}, 'aws:eks/fleet:Fleet').join(), /is not in the table/);
  });
});
