/**
 * Components without an engine: every resource that is made, with the inputs it was given. Strict: anything the program
 * looks up is an error.
 */
import * as pulumi from '@pulumi/pulumi';

/** One resource as it was registered. Secrets in the inputs are still wrapped: {@link isSecret} tells. */
export interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** How many were registered before it: one that has to wait for another comes later. */
  readonly nth: number;
}

/** What a generated password is under mocks, by the name of its resource. */
export const passwordOf = (name: string): string => `generated-${name}`;

/** What a provider would add to the inputs, by type: for those whose outputs others are made of. */
export type Answers = Readonly<Record<string, (made: Omit<Made, 'nth'>) => object>>;

/** What a provider adds to its inputs, where the program makes something of it. */
const COMPUTED: Readonly<Record<string, (name: string) => object>> = {
  'random:index/randomPassword:RandomPassword': (name) => ({ result: passwordOf(name) }),
  'pulumi-nodejs:dynamic/release:ReleasePrepare': () => ({ next: '1-m0000000' }),
};

/** Runs `build` and gives every resource it made, in the order of their names, once all of them are registered. */
export async function planned(build: () => unknown, answers: Answers = {}): Promise<readonly Made[]> {
  const made: Made[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        made.push({ type, name, inputs: inputs as Record<string, unknown>, nth: made.length });
        const state = COMPUTED[type]?.(name) ?? {};
        const answered = answers[type]?.({ type, name, inputs: inputs as Record<string, unknown> });
        return { id: `${name}-id`, state: { ...(inputs as object), ...state, ...answered } };
      },
      call: ({ token }) => {
        throw new Error(`unexpected call ${token}`);
      },
    },
    'platform',
    'test',
    false,
  );
  try {
    await build();
  } finally {
    // What was begun before it threw comes to an end here, and not in the middle of what is planned next.
    await pulumi.runtime.disconnect();
  }
  return made.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The names of the resources that carry an option which the mocks are not told of, as `protect`. Give `options` to the
 * component, and read `found` once it is planned.
 */
export function carrying(option: keyof pulumi.CustomResourceOptions) {
  const found: string[] = [];
  const transformations: pulumi.ResourceTransformation[] = [
    ({ name, opts }) => {
      if ((opts as pulumi.CustomResourceOptions)[option]) found.push(name);
      return undefined;
    },
  ];
  return { found, options: { transformations } };
}

/** The one resource of that name. */
export function named(made: readonly Made[], name: string): Made {
  const hits = made.filter((one) => one.name === name);
  if (hits.length !== 1)
    throw new Error(`${hits.length} resources are named ${name}: ${made.map((one) => one.name).join(', ')}`);
  return hits[0]!;
}

const SIGNATURE = '4dabf18193072939515e22adb298388d';

/** The `stringData` of a Kubernetes Secret. Throws unless the whole of it is a secret. */
export function secretsIn({ name, inputs }: Made): Record<string, string> {
  const wrapped = inputs['stringData'] as Record<string, unknown>;
  if (!(SIGNATURE in wrapped)) throw new Error(`the data of ${name} is not secret`);
  return wrapped['value'] as Record<string, string>;
}

interface Container {
  readonly image: string;
  readonly args: string[];
  readonly env: { name: string; value?: string; valueFrom?: unknown }[];
  readonly envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  readonly resources: unknown;
  readonly securityContext: { readOnlyRootFilesystem: boolean };
  readonly readinessProbe: { exec?: { command: string[] }; httpGet?: { path: string } };
  readonly livenessProbe: { exec?: { command: string[] }; httpGet?: { path: string } };
  readonly lifecycle?: unknown;
}

/** The parts of a pod template that tests look at. */
export interface Pod {
  readonly metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  readonly spec: {
    automountServiceAccountToken: boolean;
    securityContext: { runAsUser: number };
    containers: [Container];
    volumes: { name: string; configMap?: { name: string }; secret?: { secretName: string; items?: unknown } }[];
  };
}

/** The pod template of a workload. */
export const podOf = ({ inputs }: Made): Pod => (inputs['spec'] as { template: Pod }).template;
