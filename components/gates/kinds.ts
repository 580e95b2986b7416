/** The gates that a program can set up, one class each. What they ask is in `questions.ts`, how they judge in `probes/`. */
import type * as pulumi from '@pulumi/pulumi';
import { checkDockerHost, isDuration, milliseconds, shown, type Problems } from '../core/index.ts';
import { Gate, type Declared, type GateArgs, type ManySubjects, type OneSubject } from './gate.ts';
import { PATIENCE } from './patience.ts';
import type {
  AdmissionQuestion,
  CertificateQuestion,
  ContainerQuestion,
  DockerQuestion,
  ExecQuestion,
  HttpQuestion,
  ImageQuestion,
  LoadQuestion,
  PinQuestion,
  RedisQuestion,
  RestartQuestion,
  RolloutQuestion,
  S3Question,
  SqlQuestion,
  TaskQuestion,
} from './questions.ts';
import { workloadName, type WorkloadRef } from './refs.ts';

type Options = pulumi.CustomResourceOptions;

export type HttpGateArgs = GateArgs & OneSubject & Declared<HttpQuestion>;
export type SqlGateArgs = GateArgs & OneSubject & SqlQuestion;
export type RedisGateArgs = GateArgs & OneSubject & RedisQuestion;
export type LoadGateArgs = GateArgs & OneSubject & Declared<LoadQuestion>;
export type S3GateArgs = GateArgs & OneSubject & S3Question;
export type RolloutGateArgs = GateArgs & ManySubjects & RolloutQuestion;
export type RestartGateArgs = GateArgs & ManySubjects & RestartQuestion;
export type ImageGateArgs = GateArgs & ImageQuestion;
export type PinGateArgs = GateArgs & PinQuestion;
export type CertificateGateArgs = GateArgs & ManySubjects & CertificateQuestion;
export type ContainerGateArgs = GateArgs & OneSubject & Declared<ContainerQuestion>;
export type TaskGateArgs = GateArgs & OneSubject & Declared<TaskQuestion>;
export type DockerGateArgs = GateArgs & OneSubject & Declared<DockerQuestion>;
export type ExecGateArgs = GateArgs & OneSubject & Declared<ExecQuestion>;
export type AdmissionGateArgs = GateArgs & OneSubject & AdmissionQuestion;

/**
 * Opens when a request gets the answer it should (A-GATE-1..4, A-GATE-8, A-SMOKE-1, A-SMOKE-2, A-SMOKE-7..9).
 *
 * @default patience { perTry: '10s', interval: '2s', successes: 2, failureLimit: 3, errorLimit: 'none', deadline: '60s' }
 *
 * @example
 * new HttpGate('api-health', {
 *   cluster: {},
 *   subject: api.subject,
 *   requirement: 'A-GATE-1',
 *   target: { workload: { namespace: 'corporate-intel', kind: 'Deployment', name: 'api' }, port: 8000 },
 *   path: '/health',
 *   expect: { status: 200, json: { status: 'healthy', timestamp: { matches: '^\\d{4}-\\d\\d-\\d\\dT' } } },
 * });
 */
export class HttpGate extends Gate {
  constructor(name: string, args: HttpGateArgs, options: Options = {}) {
    super('HttpGate', name, args, options, (problems) => {
      if ('port' in args.target) checkPort(args.target.port, problems);
      problems.require(args.path.startsWith('/'), {
        where: 'path',
        found: shown(args.path),
        wanted: 'a path that begins with "/"',
      });
      checkPatterns(args.expect, 'expect', problems);
    });
  }
}

/**
 * Opens when PostgreSQL answers a query as it should (A-MIG-1, A-MIG-3, A-GATE-5, A-GATE-10, A-SMOKE-3, A-SMOKE-4).
 *
 * @default patience { perTry: '5s', interval: '2s', successes: 1, failureLimit: 3, errorLimit: 'none', deadline: '60s' }
 */
export class SqlGate extends Gate {
  constructor(name: string, args: SqlGateArgs, options: Options = {}) {
    super('SqlGate', name, args, options, (problems) => checkPort(args.target.port, problems));
  }
}

/**
 * Opens when Redis replies as it should (A-GATE-6, A-SMOKE-5).
 *
 * @default patience { perTry: '5s', interval: '2s', successes: 1, failureLimit: 3, errorLimit: 'none', deadline: '60s' }
 */
export class RedisGate extends Gate {
  constructor(name: string, args: RedisGateArgs, options: Options = {}) {
    super('RedisGate', name, args, options, (problems) => checkPort(args.target.port, problems));
  }
}

/**
 * Opens when what it puts under load fails and delays as little as it should (C-OK-2..5). It makes the load itself, so it
 * costs what the load costs, at each change of the subject.
 *
 * @default patience { perTry: '11m', interval: '1s', successes: 1, failureLimit: 1, errorLimit: 2, deadline: '11m' }
 */
export class LoadGate extends Gate {
  constructor(name: string, args: LoadGateArgs, options: Options = {}) {
    super('LoadGate', name, args, options, (problems) => {
      const perTry = args.patience?.perTry ?? PATIENCE.LoadGate.perTry;
      const fits =
        isDuration(args.duration) && isDuration(perTry) && milliseconds(args.duration) < milliseconds(perTry);
      problems.require(fits, {
        where: 'duration',
        found: shown(args.duration),
        wanted: `a duration shorter than patience.perTry, ${perTry}: the gate would not wait for its end`,
      });
      problems.require(Number.isInteger(args.users) && args.users >= 1 && args.users <= MOST_USERS, {
        where: 'users',
        found: shown(args.users),
        wanted: `a whole number from 1 to ${MOST_USERS}`,
      });
    });
  }
}

/** More than this from one process says more about the process than about what it asks. */
const MOST_USERS = 200;

/**
 * Opens when the store lives and its buckets are there, open to the public or not, as they should be (A-GATE-7, A-STOR-1..4, A-SMOKE-6).
 *
 * @default patience { perTry: '5s', interval: '2s', successes: 1, failureLimit: 3, errorLimit: 'none', deadline: '60s' }
 */
export class S3Gate extends Gate {
  constructor(name: string, args: S3GateArgs, options: Options = {}) {
    super('S3Gate', name, args, options, (problems) => checkPort(args.target.port, problems));
  }
}

/**
 * Opens when every workload has rolled out, as its subject, and enough pods are ready (A-GATE-9, A-OK-1).
 *
 * @default patience { perTry: '10s', interval: '5s', successes: 1, failureLimit: 'none', errorLimit: 'none', deadline: '180s' }
 */
export class RolloutGate extends Gate {
  constructor(name: string, args: RolloutGateArgs, options: Options = {}) {
    super('RolloutGate', name, args, options, (problems) => checkWorkloads(args, problems));
  }
}

/**
 * Opens when no container of the workloads has restarted for the length of the window (A-OK-1).
 *
 * @default patience { perTry: '10s', interval: '5s', successes: 1, failureLimit: 1, errorLimit: 'none', deadline: '11m' }
 */
export class RestartGate extends Gate {
  constructor(name: string, args: RestartGateArgs, options: Options = {}) {
    super('RestartGate', name, args, options, (problems) => {
      checkWorkloads(args, problems);
      const deadline = args.patience?.deadline ?? PATIENCE.RestartGate.deadline;
      const long =
        isDuration(args.window) && isDuration(deadline) && milliseconds(args.window) < milliseconds(deadline);
      problems.require(long, {
        where: 'window',
        found: shown(args.window),
        wanted: `a duration shorter than patience.deadline, ${deadline}: the gate would shut before its window is over`,
      });
    });
  }
}

/**
 * Opens when images that no registry has are on every node that takes pods. Put it in front of everything else, and a
 * missing image is one clear error instead of pods that wait.
 *
 * @default patience { perTry: '10s', interval: '2s', successes: 1, failureLimit: 'none', errorLimit: 3, deadline: '45s' }
 */
export class ImageGate extends Gate {
  constructor(name: string, args: ImageGateArgs, options: Options = {}) {
    super('ImageGate', name, args, options);
  }
}

/**
 * Opens when every image is named by its digest. Asks nobody: it is a gate so that a preview shows the plan and only the
 * update is refused, before anything is made.
 *
 * @default patience { perTry: '5s', interval: '1s', successes: 1, failureLimit: 1, errorLimit: 1, deadline: '5s' }
 */
export class PinGate extends Gate {
  constructor(name: string, args: PinGateArgs, options: Options = {}) {
    super('PinGate', name, args, options);
  }
}

/**
 * Opens when every Certificate is issued as its spec asks, and what was issued is valid and for its names (A-TLS-1,
 * E-TLS-1). Its evidence is until when, from whom, and the serial number.
 *
 * @default patience { perTry: '10s', interval: '2s', successes: 1, failureLimit: 'none', errorLimit: 'none', deadline: '5m' }
 */
export class CertificateGate extends Gate {
  constructor(name: string, args: CertificateGateArgs, options: Options = {}) {
    super('CertificateGate', name, args, options, (problems) => {
      const some = args.certificates.length > 0;
      problems.require(some, { where: 'certificates', found: 'none', wanted: 'at least one Certificate' });
    });
  }
}

/**
 * Opens when an admission webhook refuses what it has to refuse: what depends on its checks, or on its being there at
 * all, comes after.
 *
 * @default patience { perTry: '15s', interval: '1s', successes: 2, failureLimit: 'none', errorLimit: 'none', deadline: '2m' }
 */
export class AdmissionGate extends Gate {
  constructor(name: string, args: AdmissionGateArgs, options: Options = {}) {
    super('AdmissionGate', name, args, options);
  }
}

/**
 * Opens when a container on a Docker host runs as its subject and its health check passes. A shut one says the last lines of
 * the container's output.
 *
 * @default patience { perTry: '10s', interval: '1s', successes: 1, failureLimit: 2, errorLimit: 'none', deadline: '2m' }
 */
export class ContainerGate extends Gate {
  constructor(name: string, args: ContainerGateArgs, options: Options = {}) {
    super('ContainerGate', name, { ...args, cluster: {} }, options, (problems) =>
      checkDockerHost(args.host, 'host', problems),
    );
  }
}

/**
 * Opens when a container that was made to end has ended well, and has said what it should (C-GATE-4, C-SMOKE-2). A shut one
 * says the last lines of its output.
 *
 * @default patience { perTry: '10s', interval: '500ms', successes: 1, failureLimit: 1, errorLimit: 'none', deadline: '5m' }
 */
export class TaskGate extends Gate {
  constructor(name: string, args: TaskGateArgs, options: Options = {}) {
    super('TaskGate', name, { ...args, cluster: {} }, options, (problems) =>
      checkDockerHost(args.host, 'host', problems),
    );
  }
}

/**
 * Opens when a Docker host answers and its daemon is new enough (C-HOST-7). Put it in front of everything that is to run
 * there: a server that was just made takes minutes until it does.
 *
 * @default patience { perTry: '20s', interval: '5s', successes: 1, failureLimit: 1, errorLimit: 'none', deadline: '60s' }
 */
export class DockerGate extends Gate {
  constructor(name: string, args: DockerGateArgs, options: Options = {}) {
    super('DockerGate', name, { ...args, cluster: {} }, options, (problems) => {
      checkDockerHost(args.host, 'host', problems);
      problems.require(/^\d+\.\d+$/.test(args.least), {
        where: 'least',
        found: shown(args.least),
        wanted: 'a version like "20.10"',
      });
    });
  }
}

/**
 * Opens when a command inside a container ends well and prints what it should (C-GATE-3, A-GATE-1..8, as A itself asks). It
 * needs no port of the container outside.
 *
 * @default patience { perTry: '30s', interval: '2s', successes: 1, failureLimit: 3, errorLimit: 'none', deadline: '60s' }
 */
export class ExecGate extends Gate {
  constructor(name: string, args: ExecGateArgs, options: Options = {}) {
    super('ExecGate', name, { ...args, cluster: {} }, options, (problems) => {
      checkDockerHost(args.host, 'host', problems);
      problems.require(args.command.length > 0, { where: 'command', found: 'nothing', wanted: 'a command' });
      checkPatterns(args.expect, 'expect', problems);
    });
  }
}

function checkPort(port: number, problems: Problems): void {
  const good = Number.isInteger(port) && port >= 1 && port <= 65_535;
  problems.require(good, { where: 'target.port', found: shown(port), wanted: 'a port from 1 to 65535' });
}

/** Without its subject a workload would never be judged, and nobody would see it. */
function checkWorkloads(
  { workloads, subjects }: { readonly workloads: readonly WorkloadRef[]; readonly subjects: ManySubjects['subjects'] },
  problems: Problems,
): void {
  problems.require(workloads.length > 0, { where: 'workloads', found: 'none', wanted: 'at least one workload' });
  // Inside an Output the keys are known only later; the probe looks at them again.
  if (typeof subjects !== 'object' || 'apply' in subjects || 'then' in subjects) return;
  const names = workloads.map(workloadName);
  for (const name of names) {
    problems.require(name in subjects, { where: `subjects["${name}"]`, found: 'nothing', wanted: 'its subject' });
  }
  for (const name of Object.keys(subjects)) {
    problems.require(names.includes(name), {
      where: `subjects["${name}"]`,
      found: 'a subject',
      wanted: `only workloads of this gate: ${names.join(', ')}`,
    });
  }
}

/** A regular expression that does not compile would otherwise be found out after the whole deploy before it. */
function checkPatterns(value: unknown, where: string, problems: Problems): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'matches' && typeof inner === 'string') {
      try {
        new RegExp(inner, 'u');
      } catch (thrown) {
        problems.add({
          where: `${where}.matches`,
          found: shown(inner),
          wanted: `a regular expression: ${String(thrown)}`,
        });
      }
    } else checkPatterns(inner, `${where}.${key}`, problems);
  }
}
