/** What happens when a gate runs: imported by the shell inside the provider host, and by `verify`. */
import type { GateInputs, Evidence } from './gate.ts';
import { openCluster, type Cluster } from './cluster.ts';
import { Credentials } from './credentials.ts';
import { bounded } from './judge.ts';
import { patiently, type Patience } from './patience.ts';
import type { Attempt, Probe } from './probe.ts';
import type { Kind, Questions } from './questions.ts';
import { leaveWithTheEngine } from './orphan.ts';

/** Each kind's probe. Imported when a gate of that kind runs, so that a gate loads only the library it needs. */
const PROBES: { readonly [K in Kind]: () => Promise<Probe<Questions[K]>> } = {
  HttpGate: async () => (await import('./probes/http.ts')).http,
  SqlGate: async () => (await import('./probes/sql.ts')).sql,
  RedisGate: async () => (await import('./probes/redis.ts')).redis,
  LoadGate: async () => (await import('./probes/load.ts')).load,
  S3Gate: async () => (await import('./probes/s3.ts')).s3,
  RolloutGate: async () => (await import('./probes/rollout.ts')).rollout,
  RestartGate: async () => (await import('./probes/restarts.ts')).restarts,
  ImageGate: async () => (await import('./probes/images.ts')).images,
  CertificateGate: async () => (await import('./probes/certificate.ts')).certificates,
  AdmissionGate: async () => (await import('./probes/admission.ts')).admission,
  ContainerGate: async () => (await import('./probes/container.ts')).container,
  TaskGate: async () => (await import('./probes/task.ts')).task,
  ExecGate: async () => (await import('./probes/exec.ts')).exec,
  DockerGate: async () => (await import('./probes/docker.ts')).docker,
  PinGate: async () => (await import('./probes/pins.ts')).pins,
};

const LONGEST_READING = 300;
const LONGEST_REASON = 500;

/** Asks a gate's question until it is settled. Never rejects. */
export async function ask(inputs: GateInputs, patience: Patience = inputs.patience): Promise<Evidence> {
  let opened: Promise<Cluster> | undefined;
  const cluster = (): Promise<Cluster> => (opened ??= openCluster(inputs.cluster));
  const credentials = new Credentials(cluster);
  const { verdict, seen, tries, seconds, reasons } = await patiently(async (attempt) => {
    const probe = (await PROBES[inputs.kind]()) as Probe<GateInputs>;
    const { subject, subjects } = inputs;
    const full: Attempt = {
      ...attempt,
      cluster,
      credentials,
      ...(subject !== undefined && { subject }),
      ...(subjects !== undefined && { subjects }),
    };
    return probe(inputs, full);
  }, patience);
  return {
    verdict,
    reading: bounded(credentials.redact(seen), LONGEST_READING),
    tries,
    seconds,
    checkedAt: new Date().toISOString(),
    reasons: reasons.map((reason) => bounded(credentials.redact(reason), LONGEST_REASON)),
  };
}

/**
 * A gate that stayed shut. `id`, `reasons` and `properties` are what the provider host looks for: with them the engine
 * keeps the resource, with its inputs and its evidence, and asks again next time.
 */
export class GateShut extends Error {
  readonly id: string;
  readonly reasons: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;

  constructor(inputs: GateInputs, evidence: Evidence) {
    const { kind, name, requirement } = inputs;
    const what = `${kind} "${name}"${requirement === undefined ? '' : ` (${requirement})`}`;
    const spent = `${evidence.tries} ${evidence.tries === 1 ? 'try' : 'tries'} in ${evidence.seconds} s`;
    super(`${what} stays shut: ${evidence.verdict} after ${spent}: ${evidence.reasons.join('; ')}`);
    this.name = 'GateShut';
    this.id = name;
    this.reasons = [this.message];
    this.properties = { ...inputs, ...evidence };
  }
}

async function open(inputs: GateInputs): Promise<Record<string, unknown>> {
  const stay = leaveWithTheEngine();
  try {
    const evidence = await ask(inputs);
    if (evidence.verdict !== 'pass') throw new GateShut(inputs, evidence);
    return { ...inputs, ...evidence };
  } finally {
    stay();
  }
}

export const create = async (inputs: GateInputs): Promise<{ id: string; outs: Record<string, unknown> }> => ({
  id: inputs.name,
  outs: await open(inputs),
});

export const update = async (
  _id: string,
  _before: unknown,
  inputs: GateInputs,
): Promise<{ outs: Record<string, unknown> }> => ({ outs: await open(inputs) });
