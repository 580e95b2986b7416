import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { PlatformComponent } from '../../../../components/core/index.ts';

const made: { type: string; name: string }[] = [];

before(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        made.push({ type, name });
        return { id: `${name}-id`, state: inputs };
      },
      call: ({ token }) => {
        throw new Error(`unexpected call ${token}`);
      },
    },
    'platform',
    'test',
    false,
  );
});

class Thing extends pulumi.CustomResource {
  constructor(name: string, options: pulumi.CustomResourceOptions) {
    super('test:index:Thing', name, {}, options);
  }
}

class Part extends PlatformComponent {
  readonly child: Thing;

  constructor(name: string, child: string) {
    super('platform:data:Part', name, {}, {});
    this.child = new Thing(child, { parent: this });
    this.registerOutputs({});
  }
}

const settled = (part: Part): Promise<unknown> =>
  new Promise((resolve) => pulumi.all([part.urn, part.child.urn]).apply(resolve));

test('a component’s children carry its name in front of theirs', async () => {
  await settled(new Part('cache', 'cache-server'));
  assert.deepEqual(
    made.filter(({ name }) => name.startsWith('cache')),
    [
      { type: 'platform:data:Part', name: 'cache' },
      { type: 'test:index:Thing', name: 'cache-server' },
    ],
  );
});

test('a child whose name would collide with a second instance is refused, with the name it should have', () => {
  for (const child of ['server', 'cacheserver', 'other-server']) {
    assert.throws(() => new Part('cache', child), new RegExp(`"${child}" must be named "cache-…"`));
  }
});

test('two instances of one component stand in the same stack', async () => {
  await Promise.all([settled(new Part('one', 'one-server')), settled(new Part('two', 'two-server'))]);
  assert.ok(made.some(({ name }) => name === 'one-server') && made.some(({ name }) => name === 'two-server'));
});
