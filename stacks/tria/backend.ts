/** The backend with its 30 variables, and the one-shots in its image: migrations, knowledge base, sample data. */
import type * as pulumi from '@pulumi/pulumi';
import { backendFacts, COMMANDS, INDEXED, KNOWLEDGE_FOLDER, type Task } from '../../components/chatbot/index.ts';
import { Container, ContainerTask, type ContainerTaskArgs } from '../../components/container/index.ts';
import { productImage, type Site } from './site.ts';

/** What the backend's processes run as: set in its image (ours). */
const USER = 10001;

/** What the backend and the one-shots in its image have in common. */
export interface Made {
  readonly facts: ReturnType<typeof backendFacts>;
  readonly secrets: Readonly<Record<string, pulumi.Input<string>>>;
  readonly volumes: ContainerTaskArgs['volumes'] & object;
}

/** Facts and variables, once for all of them (C-ENV-1..30). */
export function madeOf(site: Site): Made {
  const { stack, backend } = site.settings;
  const { plain, secret } = site.variables;
  const image = productImage(backend.image, stack.version, USER);
  return {
    facts: backendFacts({ image, cpu: backend.cpu, memory: backend.memory }, plain),
    secrets: secret,
    // ChromaDB is part of the backend, and no container: its files outlive it here (CONF-64).
    volumes: { [KNOWLEDGE_FOLDER]: { volume: site.volume('chroma') } },
  };
}

export function backend(site: Site, made: Made, after: readonly pulumi.Resource[]): Container {
  const { network, stack } = site.settings;
  return new Container(
    'backend',
    {
      ...site.common('backend'),
      ...made,
      version: stack.version,
      publish: network.publishBackend ? [{ port: 'http', host: made.facts.ports['http']!, bind: network.bind }] : [],
    },
    { ...site.options, dependsOn: [...site.options.dependsOn, ...after] },
  );
}

/** A command of the backend in a container of its own, with the same variables and files. */
function oneShot(
  site: Site,
  task: Exclude<Task, 'backup' | 'e2e-tests'>,
  { facts: { health: _, ports: __, ...facts }, ...made }: Made,
  args: Partial<ContainerTaskArgs>,
  after: readonly pulumi.Resource[],
): ContainerTask {
  const [program, ...rest] = COMMANDS[task];
  const made1 = new ContainerTask(
    task,
    {
      ...site.common(task),
      ...made,
      facts: { ...facts, name: task, ports: {}, entrypoint: [program], command: rest },
      ...args,
    },
    { ...site.options, dependsOn: [...site.options.dependsOn, ...after] },
  );
  site.gates[`${task}-done`] = made1.gate;
  return made1;
}

/** Migrations, where they are wanted (C-MIG-2). */
export const migrated = (site: Site, made: Made, after: readonly pulumi.Resource[]): readonly pulumi.Resource[] =>
  site.settings.backend.migrate ? [oneShot(site, 'migrate', made, { requirement: 'C-MIG-2' }, after).gate] : after;

/** The knowledge base (C-DATA-2), and the sentence at its end (C-GATE-4); sample data, where they are wanted (C-DATA-1). */
export function knowledge(site: Site, made: Made, after: readonly pulumi.Resource[]): readonly pulumi.Resource[] {
  const says = { says: INDEXED, requirement: 'C-GATE-4, C-DATA-2' };
  const built = oneShot(site, 'knowledge', made, says, after).gate;
  if (!site.settings.backend.samples) return [built];
  return [built, oneShot(site, 'samples', made, { requirement: 'C-DATA-1' }, after).gate];
}
