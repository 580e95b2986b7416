/** B's 20 smoke tests, run inside the cluster after each release (B-SMOKE-1..20). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as pulumi from '@pulumi/pulumi';
import { Job } from '@pulumi/kubernetes/batch/v1/job.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import {
  CONTAINER_SECURITY,
  contentName,
  labels,
  PlatformComponent,
  podSecurity,
  resources,
  seconds,
  SUBJECT,
  type CpuRange,
  type Duration,
  type Image,
  type MemoryRange,
} from '../core/index.ts';
import type { ArchitectSettings } from './environment.ts';

export interface TriedArgs {
  readonly namespace: string;
  readonly partOf: string;
  /** A stock Node from 22.18 on, which runs TypeScript as it is. */
  readonly image: Image;
  /** What is tried out: the tests run again when it changes. */
  readonly subject: pulumi.Input<string>;
  /** Where the API answers, as a pod sees it. */
  readonly url: string;
  readonly session: ArchitectSettings['session'];
  readonly cpu: CpuRange;
  readonly memory: MemoryRange;
  /** How long all of them may take, and a second attempt. */
  readonly deadline: Duration;
}

/** Attempts after the first: a slow moment of the machine is no verdict. */
const RETRIES = 1;

/** The sources that travel. A checkout may have other line ends; what runs, and the name of its content, must not. */
export function smokeFiles(folder = join(import.meta.dirname, 'smoke')): Record<string, string> {
  const names = readdirSync(folder).toSorted();
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
  return { 'package.json': '{ "type": "module" }\n', ...Object.fromEntries(names.map((name) => [name, text(name)])) };
}

/**
 * A Job and no gate, because they write: they register a user, sign in and use what they got, and take that away again. Three
 * errors stay, under a source of their own: B's API resolves errors and deletes none.
 *
 * Cost: one pod for some seconds after each release. Failure: the update fails; what was rolled out stays, and the Job's log
 * (`kubectl logs job/smoke`) has a line of JSON for each test. The next `up` tries again.
 */
export class Tried extends PlatformComponent {
  constructor(name: string, args: TriedArgs, options: pulumi.ComponentResourceOptions) {
    super('platform:app:ArchitectSmoke', name, {}, options);
    const { namespace, partOf } = args;
    const meta = { labels: labels({ component: 'smoke', instance: name, partOf }) };
    const data = smokeFiles();
    const code = contentName(`${name}-code`, data);
    const child = { parent: this };
    const script = new ConfigMap(code, { metadata: { name: code, namespace, ...meta }, immutable: true, data }, child);
    const deadline = seconds(args.deadline);
    new Job(
      `${name}-job`,
      {
        metadata: { name, namespace, ...meta, annotations: { 'pulumi.com/replaceUnready': 'true' } },
        spec: {
          backoffLimit: RETRIES,
          activeDeadlineSeconds: deadline,
          // A Job cannot be changed: another subject is another Job, under the same name.
          template: { metadata: { ...meta, annotations: { [SUBJECT]: args.subject } }, spec: podSpec(args, code) },
        },
      },
      {
        ...{ ...child, dependsOn: script, deleteBeforeReplace: true, replaceOnChanges: ['spec'] },
        customTimeouts: { create: `${deadline + 15}s` },
      },
    );
    this.registerOutputs();
  }
}

function podSpec({ image, url, session, cpu, memory }: TriedArgs, code: string) {
  const plain = {
    SMOKE_COOKIE_HTTPONLY: `${session.httpOnly}`,
    SMOKE_COOKIE_SECURE: `${session.secure}`,
    SMOKE_URL: url,
  };
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(image.uid),
    containers: [
      {
        name: 'smoke',
        image: image.reference,
        imagePullPolicy: 'IfNotPresent',
        args: ['node', '/code/main.ts'],
        env: Object.entries(plain).map(([name, value]) => ({ name, value })),
        resources: resources(cpu, memory),
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [{ name: 'code', mountPath: '/code', readOnly: true }],
      },
    ],
    volumes: [{ name: 'code', configMap: { name: code } }],
  };
}
