/** What all gates are: the arguments, the evidence, and the checks of both before anything runs. */
import * as pulumi from '@pulumi/pulumi';
import {
  isDuration,
  milliseconds,
  Problems,
  shown,
  WRITTEN,
  type DockerHostInput,
  type DockerHostRef,
} from '../core/index.ts';
import type { Verdict } from './judge.ts';
import { PATIENCE, type Patience } from './patience.ts';
import { RULES, type Kind, type Questions } from './questions.ts';
import type { ClusterRef } from './refs.ts';
import { ShelledResource } from './shell.ts';

/** What every gate takes beside its question. */
export interface GateArgs {
  /** The requirement that the gate proves (`A-GATE-1`); shown in evidence and in errors. */
  readonly requirement?: string;
  /**
   * How long the gate goes on asking. What is left out has the default of its kind, {@link PATIENCE}.
   * A change does not make the gate ask again.
   */
  readonly patience?: Partial<Patience>;
}

/** A question as a program puts it: an address may be that of a server that the same program makes. */
export type Declared<Q> = Q extends { readonly host: DockerHostRef }
  ? Omit<Q, 'host' | 'cluster'> & { readonly host: DockerHostInput; readonly cluster?: ClusterRef }
  : Q extends { readonly target: infer T }
    ? Omit<Q, 'target'> & { readonly target: Reached<T> }
    : Q;
type Reached<T> = T extends { readonly url: string } ? { readonly url: pulumi.Input<string> } : T;

/** The argument of gates that look at one thing. */
export interface OneSubject {
  /**
   * The digest of what is judged: the pod template and all that its pods read. The gate asks again exactly when this,
   * its question or its kind's rules change; and where the target is a workload, it judges only pods that carry it in
   * the annotation `platform/subject`. Must not be a secret: it stands in the state and on the pods.
   */
  readonly subject: pulumi.Input<string>;
}

/** The argument of gates that look at several workloads. */
export interface ManySubjects {
  /** {@link OneSubject.subject} of each workload, by `<kind>/<name>`: `{ 'Deployment/api': … }`. */
  readonly subjects: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>>;
}

/** What a gate leaves in the state, open or shut. */
export interface Evidence {
  readonly verdict: Verdict;
  /** What the last try saw: at most a few hundred characters, without secrets. */
  readonly reading: string;
  readonly tries: number;
  readonly seconds: number;
  /** When the answer was settled, in ISO 8601. */
  readonly checkedAt: string;
  /** Why it is shut: the last try's reasons, how the asking ended, what was said earlier. Empty when it is open. */
  readonly reasons: readonly string[];
}

/** What stands in the state as a gate's inputs; told apart by `kind`. */
export type GateInputs<K extends Kind = Kind> = K extends Kind ? Questions[K] & Stored<K> : never;

interface Stored<K extends Kind> {
  readonly kind: K;
  readonly name: string;
  readonly rules: number;
  readonly patience: Patience;
  readonly requirement?: string;
  readonly subject?: string;
  readonly subjects?: Readonly<Record<string, string>>;
}

/** The folder in the type of every gate: `pulumi-nodejs:dynamic/gates:HttpGate`. */
export const FOLDER = 'gates';

const EVIDENCE = [
  'verdict',
  'reading',
  'tries',
  'seconds',
  'checkedAt',
  'reasons',
] as const satisfies readonly (keyof Evidence)[];

/**
 * A resource that exists only while what it watches is proven healthy. What depends on a shut gate is not touched, and
 * the next `up` asks again. Its evidence is in its outputs.
 *
 * *Cost*: at least one try; at most `deadline` + `perTry`. *Failure*: the update fails, with the reasons; nothing is
 * undone. Destroying a gate does nothing.
 */
export abstract class Gate extends ShelledResource {
  declare readonly verdict: pulumi.Output<Verdict>;
  declare readonly reading: pulumi.Output<string>;
  declare readonly tries: pulumi.Output<number>;
  declare readonly seconds: pulumi.Output<number>;
  declare readonly checkedAt: pulumi.Output<string>;
  declare readonly reasons: pulumi.Output<string[]>;

  protected constructor(
    kind: Kind,
    name: string,
    args: GateArgs & Partial<OneSubject & ManySubjects> & Declared<Questions[Kind]>,
    options: pulumi.CustomResourceOptions,
    check: (problems: Problems) => void = () => undefined,
  ) {
    const patience: Patience = { ...PATIENCE[kind], ...args.patience };
    const problems = new Problems();
    checkPatience(patience, problems);
    check(problems);
    problems.throwIfAny(`${kind} "${name}"`);
    const { subject, subjects, ...rest } = args;
    const inputs = {
      ...rest,
      ...(subject !== undefined && { subject: pulumi.unsecret(pulumi.output(subject)) }),
      ...(subjects !== undefined && { subjects: pulumi.unsecret(pulumi.output(subjects)) }),
      ...{ kind, name, rules: RULES[kind], patience },
    };
    const runner = 'components/gates/run.ts';
    const ignored = ['name', 'patience', 'requirement'];
    super({ folder: FOLDER, type: kind, runner, outputs: EVIDENCE, ignored }, name, inputs, options);
  }
}

/** Notes what no loop could work with. */
export function checkPatience(patience: Patience, problems: Problems): void {
  for (const key of ['perTry', 'interval', 'deadline'] as const) {
    const good = isDuration(patience[key]) && milliseconds(patience[key]) > 0;
    const wanted = `${WRITTEN.duration}, longer than 0`;
    problems.require(good, { where: `patience.${key}`, found: shown(patience[key]), wanted });
  }
  for (const key of ['successes', 'failureLimit', 'errorLimit'] as const) {
    const value = patience[key];
    const good = (value === 'none' && key !== 'successes') || (Number.isInteger(value) && Number(value) >= 1);
    const wanted = key === 'successes' ? 'a whole number from 1 on' : 'a whole number from 1 on, or "none"';
    problems.require(good, { where: `patience.${key}`, found: shown(value), wanted });
  }
}
