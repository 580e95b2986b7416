/**
 * What adds pods and takes them away: load on the API, length of the workers' queue (D-HPA-2, 3, 5). The rehearsal has
 * the same autoscalers as production, with less calm before pods go.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { selector } from '../../components/core/index.ts';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';
import { run } from '../../infra/sandbox/host/run.ts';
import { get, isReady, kubectl, podsOf, startOf, type Pod } from './support/elastic.ts';
import { lodge, type Errand, type Lodger } from './support/lodger.ts';
import { rehearsal } from './support/rehearsal.ts';
import { until } from './support/until.ts';

const MINUTES = 60_000;

interface Autoscaler {
  readonly spec: { readonly minReplicas: number; readonly maxReplicas: number };
  readonly status: { readonly currentReplicas?: number; readonly desiredReplicas: number };
}
const autoscaler = (name: string): Promise<Autoscaler> => get<Autoscaler>(`horizontalpodautoscaler/${name}`);

/** The Deployment of the API that a release has left live. */
const live = async (): Promise<string> => {
  const { spec } = await get<{ spec: { selector: Record<string, string> } }>('service/api');
  return `api-${spec.selector['platform/side']!}`;
};

/** Kept-alive connections, each as busy as it can be, on a path that neither limits nor remembers. */
const LOAD = `
import http.client, threading
def ask():
    while True:
        try:
            c = http.client.HTTPConnection('api', 8000, timeout=10)
            for _ in range(200):
                c.request('GET', '/live'); c.getresponse().read()
            c.close()
        except OSError:
            pass
print('busy', flush=True)
threads = [threading.Thread(target=ask) for _ in range(8)]
for one in threads: one.start()
for one in threads: one.join()
`;

/** Reports that nobody asked for: each costs a worker one look into the database. */
const MESSAGES = 4000;
const FILL = `
from corporate_intel.queue import TASK, make_celery
from corporate_intel.settings import BrokerSettings, read_settings
celery = make_celery(read_settings(BrokerSettings))
with celery.connection_for_write() as connection:
    producer = celery.amqp.Producer(connection)
    for _ in range(${MESSAGES}):
        celery.send_task(TASK, args=[-1], producer=producer)
`;

const preview = (): Promise<string> =>
  run(['make', '--silent', '--no-print-directory', 'preview', 'STACK=rehearsal', 'EXPECT=no-changes'], {
    cwd: CHECKOUT,
    env: { PLATFORM_SANDBOX: rehearsal.state },
    timeout: 4 * MINUTES,
  });

let lodger: Lodger;
let load: Errand | undefined;

before(async () => {
  lodger = await lodge(rehearsal, {
    name: 'load',
    reaches: [{ pods: selector({ component: 'api', instance: 'api' }), port: 8000 }],
    secrets: {},
  });
});

after(async () => {
  await load?.stop();
  await lodger.leave();
});

test('under load the API grows, nothing of that is a change to the stack, and afterwards it shrinks again', async (context) => {
  const { minReplicas: min, maxReplicas: max } = (await autoscaler(await live())).spec;
  assert.ok(max > min);
  await until(`${min} pods are enough at rest`, async () => (await podsOf('api')).length === min, 3 * MINUTES);
  const old = new Set((await podsOf('api')).map(({ metadata }) => metadata.uid));

  load = lodger.start(LOAD, [], () => undefined);
  let grown: Pod[] = [];
  const began = Date.now();
  await until(
    'more pods are ready than at rest',
    async () => {
      grown = (await podsOf('api')).filter((pod) => isReady(pod) && !old.has(pod.metadata.uid));
      return grown.length > 0;
    },
    4 * MINUTES,
  );
  context.diagnostic(
    `from ${min} to ${min + grown.length} pods, ${(Date.now() - began) / 1000} s after the load began`,
  );
  for (const pod of grown) {
    assert.ok(
      startOf(pod) < 30,
      `${pod.metadata.name} took ${startOf(pod)} s to start; wanted less than 30 (D-K8S-10)`,
    );
  }
  await preview();

  await load.stop();
  load = undefined;
  const ended = Date.now();
  await until(`${min} pods are enough again`, async () => (await podsOf('api')).length === min, 4 * MINUTES);
  context.diagnostic(`back to ${min} pods ${(Date.now() - ended) / 1000} s after the load ended`);
});

test('a long queue brings workers, and an empty one takes them away', async (context) => {
  const { minReplicas: min } = (await autoscaler('worker')).spec;
  await until(`${min} workers are enough at rest`, async () => (await podsOf('worker')).length === min, 3 * MINUTES);

  const began = Date.now();
  const fill = ['sh', '-c', `cd /app && python3 -c "${FILL}"`];
  // Watched from the first message on: a few seconds of many workers may be enough for all of them.
  await Promise.all([
    kubectl(['exec', 'deployment/worker', '--container=worker', '--', ...fill], 3 * MINUTES),
    until('there are more workers', async () => (await podsOf('worker')).filter(isReady).length > min, 3 * MINUTES),
  ]);
  context.diagnostic(`more than ${min} workers and a full queue after ${(Date.now() - began) / 1000} s`);
  await until(`${min} workers are enough again`, async () => (await podsOf('worker')).length === min, 5 * MINUTES);
  context.diagnostic(`back to ${min} workers after ${(Date.now() - began) / 1000} s`);
});

interface Recommended {
  readonly status?: {
    readonly recommendation?: {
      readonly containerRecommendations: readonly {
        readonly containerName: string;
        readonly target: { readonly cpu: string; readonly memory: string };
      }[];
    };
  };
}

test('a size is recommended for the API’s pods, and they are left as they are', async (context) => {
  const before = new Set((await podsOf('api')).map(({ metadata }) => metadata.uid));
  let target: { cpu: string; memory: string } | undefined;
  await until(
    'there is a recommendation',
    async () => {
      const { status } = await get<Recommended>(`verticalpodautoscaler/${await live()}`);
      target = status?.recommendation?.containerRecommendations.find(
        ({ containerName }) => containerName === 'api',
      )?.target;
      return target !== undefined;
    },
    4 * MINUTES,
  );
  assert.match(target!.cpu, /^\d+m?$/);
  assert.match(target!.memory, /^\d+/);
  for (const { metadata } of await podsOf('api')) assert.ok(before.has(metadata.uid), `${metadata.name} is new`);
  context.diagnostic(`recommended: ${target!.cpu} and ${target!.memory}`);
});
