/** A workload as a release has it, and what the program makes of it. */
import * as pulumi from '@pulumi/pulumi';
import type { ReleaseInputs } from '../../../../../components/release/host.ts';
import { ReleasedWorkload, type ReleasedArgs } from '../../../../../components/release/index.ts';
import { named, planned, type Made } from '../../../support/mocks.ts';

export const identity = { component: 'web', instance: 'web', partOf: 'shop' };
export const picked = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/instance': 'web' };

export const ARGS: ReleasedArgs = {
  ...{ cluster: { context: 'here' }, namespace: 'shop', identity, replicas: 2 },
  pods: { labels: picked, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  secrets: { key: pulumi.secret('key'), values: { PASSWORD: pulumi.secret('canary-1') } },
  port: { name: 'http', port: 80, targetPort: 'http' },
  way: { strategy: 'blueGreen', window: '40s' },
  asked: { port: 8000 },
  runner: { image: { reference: 'docker.io/library/node:24.21.0-bookworm-slim', uid: 1000 } },
};

export const NGINX = { way: { strategy: 'canary', driver: 'nginx', window: '40s' } } as const;

export const plan = (change: Partial<ReleasedArgs> = {}) =>
  planned(() => new ReleasedWorkload('web', { ...ARGS, ...change }, {}));

export const inputsOf = (made: readonly Made[], name = 'web-release'): ReleaseInputs =>
  named(made, name).inputs as unknown as ReleaseInputs;
export const digestIn = async (change: Partial<ReleasedArgs> = {}): Promise<string> =>
  inputsOf(await plan(change)).template.metadata.annotations['platform/release']!;
