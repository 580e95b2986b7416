/** The secrets of a host: a file of variables in AWS Secrets Manager, which the host fetches when it boots (CONF-30, C-SEC-2). */
import { Secret } from '@pulumi/aws/secretsmanager/secret.js';
import { SecretVersion } from '@pulumi/aws/secretsmanager/secretVersion.js';
import * as pulumi from '@pulumi/pulumi';
import { PlatformComponent, Problems } from '../../components/core/index.ts';

export interface HostSecretArgs {
  /** The secret's name in Secrets Manager: `tria-aibpo-staging/env`. Another one is another secret. */
  readonly secretName: string;
  /** The variables by name; secret ones may be secrets. All of the file is one. */
  readonly variables: Readonly<Record<string, pulumi.Input<string>>>;
  readonly kmsKeyArn: pulumi.Input<string>;
  /**
   * Days in which a deleted secret can be taken back, 7 to 30. Its name stays taken as long.
   * @default 30
   */
  readonly recoveryDays?: number;
  /** @default true */
  readonly protect?: boolean;
}

/**
 * The host's file of variables. Neither user data nor an image ever holds it: the instance's role reads it at each boot. A
 * changed value reaches the host with its next boot, or with `systemctl restart host-secrets` on it.
 *
 * Cost: a secret a month.
 */
export class HostSecret extends PlatformComponent {
  /** For the policy of the role that may read it. Naming it reveals nothing. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: HostSecretArgs, options: pulumi.ComponentResourceOptions) {
    checkNames(args);
    super('platform:secrets:HostSecret', name, { secretName: args.secretName }, options);
    const protect = args.protect ?? true;
    const secret = new Secret(
      `${name}-secret`,
      { name: args.secretName, kmsKeyId: args.kmsKeyArn, recoveryWindowInDays: args.recoveryDays ?? 30 },
      { parent: this, protect },
    );
    const version = new SecretVersion(
      `${name}-version`,
      { secretId: secret.id, secretString: pulumi.secret(pulumi.output(args.variables).apply(envFile)) },
      { parent: this },
    );
    // Known once there is something to read.
    this.arn = pulumi.all([secret.arn, version.versionId]).apply(([arn]) => arn);
    this.registerOutputs({ arn: this.arn });
  }
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Names are no secrets: a plan already refuses them. */
function checkNames({ secretName, variables }: HostSecretArgs): void {
  const problems = new Problems();
  for (const name of Object.keys(variables)) {
    problems.require(NAME.test(name), {
      where: `HostSecretArgs.variables`,
      found: JSON.stringify(name),
      wanted: 'the name of an environment variable: letters, digits and "_", no digit first',
    });
  }
  problems.throwIfAny(`the secret ${secretName}`);
}

/** What the readers of such a file take for more than a character: Docker takes it as it is, Compose and shells do not. */
const READ_DIFFERENTLY = /[\n\r\0'"`$\\#]|^\s|\s$/;

/**
 * One `NAME=value` a line, in the order of their names.
 *
 * @throws when a value would be read differently by Docker, Compose or a shell. The value is not shown: it may be secret.
 */
export function envFile(variables: Readonly<Record<string, string>>): string {
  const problems = new Problems();
  for (const [name, value] of Object.entries(variables)) {
    problems.require(!READ_DIFFERENTLY.test(value), {
      where: name,
      found: 'a value with a line break, a quote, "$", "\\", "#", or a blank at an end',
      wanted: 'one without, since Docker, Compose and shells read those differently',
      remedy: 'for a password in a URL write them percent-encoded; choose others without them',
    });
  }
  problems.throwIfAny('the host’s file of variables');
  const sorted = Object.entries(variables).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, value]) => `${name}=${value}\n`).join('');
}
