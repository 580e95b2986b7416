/** A stack that is one image of a product: where it is built, what of, and where it goes. */
import * as k from '../kinds.ts';
import { defaulted, group, optional, part, stated } from '../setting.ts';
import { ours } from './common.ts';
import { ssh } from './docker.ts';
import { system } from './site.ts';

const path = k.text(/^[\x21-\x7e]+$/, 'a path from the project\'s folder, like "../architect-go"');
const repository = k.text(
  /^([a-z0-9.-]+\.[a-z]+|localhost|[0-9.]+)(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/,
  'registry and repository without a tag, like "staging-registry.example.com/architect-api"',
);
const time = k.text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'a time in UTC to the second, like "2026-01-31T12:00:00Z"');
const commit = k.text(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'the whole hash of a commit, as `git rev-parse HEAD` prints it');
const command: k.Kind<readonly string[]> = {
  wanted: 'a list: a program in the image, and its arguments',
  accepts: (value): value is readonly string[] =>
    Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string' && word !== ''),
};

export const stack = group({
  system,
  version: stated(k.version, {
    means: 'Version of the product that is built: its tag with `image.release`, and what `image.proof` has to hear.',
    from: 'B-IMG-3, A-TOPO-1',
  }),
});

export const docker = group({
  address: stated(k.dockerHost, {
    means:
      'The Docker host that builds and pushes. It answers while a plan is made, too. Another one builds nothing anew.',
    from: 'A-IMG-1, B-IMG-3',
  }),
  ssh,
});

export const image = group({
  repository: stated(repository, {
    means:
      'Where the image goes. Built with `image.release`, whoever runs it states the same as `api.image`, and `make pin` asks there for its digest.',
    from: 'A-IMG-1, B-IMG-4',
  }),
  context: stated(path, {
    means: 'Folder whose files the build may copy. What `.dockerignore` names is no part of it; a plan reads all else.',
    from: 'A-IMG-1, B-IMG-3',
  }),
  dockerfile: optional(path, { means: 'The recipe. Left out: `Dockerfile` in the context.', from: 'A-IMG-1' }),
  target: optional(k.line, { means: 'Stage of the recipe. Left out: the last.', from: ours }),
  platform: defaulted(k.choice('linux/amd64', 'linux/arm64'), 'linux/amd64', {
    means: 'What the image is to run on.',
    from: ours,
  }),
  builtAt: stated(time, {
    means: 'When: `BUILD_TIME` of a release, the tag of a build for an environment. Another time is another build.',
    from: 'A-IMG-2, B-IMG-3',
  }),
  release: part({
    commit: stated(commit, {
      means: '`GIT_COMMIT`. With the group, the image is a release: its tag is `stack.version`, for ever.',
      from: 'B-IMG-3',
    }),
  }),
  staged: part({
    environment: stated(k.choice('staging', 'production'), {
      means:
        '`ENVIRONMENT`. With the group, the image is for this environment: its tags are `<environment>-<time>`, for ever, and `<environment>-latest`, which moves here once the image is proven.',
      from: 'A-IMG-1, A-IMG-2',
    }),
  }),
  proof: part({
    command: stated(command, {
      means:
        'Asks the pushed image which version it is, without network, rights or a writable disk. Another answer than `stack.version` fails the update. The group left out: nobody asks.',
      from: 'A-IMG-3, B-IMG-5',
    }),
  }),
});

export const registry = group({
  username: stated(k.line, { means: 'Name that the registry knows. Of ECR always `AWS`.', from: 'B-IMG-4' }),
});
