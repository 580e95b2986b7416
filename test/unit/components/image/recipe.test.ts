import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkArguments, declared } from '../../../../components/image/recipe.ts';
import { explain, Problems } from '../../../../components/core/index.ts';

const RECIPE = `# ARG COMMENTED
ARG BASE=debian:12
FROM \${BASE} AS build
ARG VERSION
ARG BUILD_TIME GIT_COMMIT="none yet"
arg TARGETARCH
ARG BASE
RUN echo "ARG NOT_ONE"
ARG \\
  FOLDED
`;

const ALL = { VERSION: '1', BUILD_TIME: '2', FOLDED: '3' };

function said(given: Record<string, string>, recipe = RECIPE): string[] {
  const problems = new Problems();
  checkArguments(recipe, given, problems);
  return problems.found.map(explain);
}

test('every declaration is seen: in a row, folded, in small letters, before and inside a stage; a comment is none', () => {
  assert.deepEqual(
    [...declared(RECIPE)],
    [
      ['BASE', { optional: true }],
      ['VERSION', { optional: false }],
      ['BUILD_TIME', { optional: false }],
      ['GIT_COMMIT', { optional: true }],
      ['TARGETARCH', { optional: false }],
      ['FOLDED', { optional: false }],
    ],
  );
});

test('all that it wants and nothing else is fine, and so is what Docker knows by itself', () => {
  assert.deepEqual(said(ALL), []);
  assert.deepEqual(said({ ...ALL, BASE: 'x', HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'localhost' }), []);
});

test('a misspelt argument is named, with the one that was meant, and the one that is missing', () => {
  const { VERSION: _, ...rest } = ALL;
  const [unknown, missing, ...more] = said({ ...rest, VERISON: '1' });
  assert.match(
    unknown!,
    /^arguments\.VERISON: found an argument that the recipe does not declare; .*did you mean VERSION\?$/,
  );
  assert.match(missing!, /^arguments\.VERSION: found nothing; wanted a value/);
  assert.deepEqual(more, []);
});

test('a recipe without arguments takes none', () => {
  assert.match(said({ VERSION: '1' }, 'FROM scratch\n')[0]!, /wanted none: it has no ARG/);
});

for (const name of ['NPM_TOKEN', 'DB_PASSWORD', 'API_KEY', 'client_secret', 'SSH_PRIVATE']) {
  test(`${name} is refused although it is declared: it would stay in the history, and its value is not shown`, () => {
    const text = said({ [name]: 'hunter-two' }, `FROM scratch\nARG ${name}\n`).join('\n');
    assert.match(text, /found the name of a secret; wanted none/);
    assert.ok(!text.includes('hunter-two'));
  });
}

test('an empty value and one on two lines are refused', () => {
  for (const value of ['', 'a\nb']) assert.match(said({ ...ALL, VERSION: value })[0]!, /wanted a value on one line/);
});
