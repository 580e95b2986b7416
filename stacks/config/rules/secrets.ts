/** Secrets from outside: one manager is described. */
import type { Problems } from '../../../components/core/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';

export function checkSecrets({ aws, secrets }: Settings, problems: Problems): void {
  const described = (['aws', 'vault'] as const).filter((manager) => secrets[manager] !== undefined);
  problems.require(secrets.source === 'config' || described.length === 1, {
    where: 'secrets',
    found: described.length === 0 ? 'no manager' : 'secrets.aws and secrets.vault',
    wanted: 'one of secrets.aws and secrets.vault, because secrets.source is "external"',
  });
  checkRole('secrets.aws.role', secrets.aws, aws !== undefined, problems);
}

/** The role that reads what is kept in AWS: the stack's own where it makes its cluster, else one that somebody has made. */
export function checkRole(
  where: string,
  manager: { readonly role?: string | undefined } | undefined,
  makes: boolean,
  problems: Problems,
): void {
  if (manager === undefined) return;
  problems.require((manager.role === undefined) === makes, {
    where,
    found: manager.role === undefined ? 'nothing' : `"${manager.role}"`,
    wanted: makes
      ? 'nothing: the stack makes the role, because aws is described'
      : 'the ARN of a role that may read the entry',
  });
}

/** What people have to bring, and what nobody would read. */
export function checkSecretsPresent({ api, secrets }: Settings, problems: Problems, given: ReadonlySet<string>): void {
  if (secrets.source === 'external') {
    for (const key of given) {
      problems.add({
        where: key,
        found: 'a secret',
        wanted: 'none while secrets.source is "external": nobody would read it',
        remedy: `run \`pulumi config rm ${key}\` after its value is in the secrets manager`,
      });
    }
    return;
  }
  const missing = ['alphaVantageApiKey', 'newsApiKey'].filter((key) => !given.has(key));
  problems.require(api.externalSources === 'off' || missing.length === 0, {
    where: 'api.externalSources',
    found: '"on"',
    wanted: `"off" while ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set`,
    remedy: missing.map((key) => `run \`pulumi config set --secret ${key}\``).join(' and '),
  });
}
