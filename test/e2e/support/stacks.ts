/** The stack `local` under the engine with other settings: on the deployed platform itself, or as a second copy beside it. */
import { engine, type EngineTest } from '../../engine/support/engine.ts';
import { platform } from './platform.ts';

export type Settings = Record<string, Record<string, unknown>>;

const merged = (...all: readonly Settings[]): Settings => {
  const keys = new Set(all.flatMap((settings) => Object.keys(settings)));
  return Object.fromEntries([...keys].map((key) => [key, Object.assign({}, ...all.map((one) => one[key]))]));
};

/** What `make up` lays over the tree's configuration on this sandbox. */
const SANDBOX: Settings = {
  'platform:postgres': { timescaledb: platform.timescaledb },
  'platform:network': { apiHost: new URL(platform.api).hostname },
};

/** A namespace of its own, no port on the node, and a shorter look for restarts: what else differs is the test's. */
const BESIDE: Settings = {
  'platform:stack': { namespace: 'trial' },
  'platform:api': { exposure: { kind: 'none', port: 30900 } },
  'platform:gates': { restartWindow: '1s' },
};

const opened = async (state: string | undefined, base: Settings, settings: Settings): Promise<EngineTest> => {
  const test = await engine({
    stack: 'local',
    kubeconfig: platform.kubeconfig,
    config: merged(base, settings),
    ...(state !== undefined && { state }),
  });
  return { ...test, configure: (more) => test.configure(merged(base, more as Settings)) };
};

/** The deployed platform's own stack. Afterwards, `make up` brings its own settings back. */
export const own = (settings: Settings = {}): Promise<EngineTest> => opened(platform.state, SANDBOX, settings);

/** A second copy of the platform in the same cluster, with a state of its own, for tests that break things. */
export const trial = (settings: Settings = {}): Promise<EngineTest> =>
  opened(undefined, merged(SANDBOX, BESIDE), settings);
