/** Secrets from outside: one manager is described. */
import type { Problems } from '../../../components/core/index.ts';
import type { Settings } from '../schema.ts';

export function checkSecrets({ secrets }: Settings, problems: Problems): void {
  const described = (['aws', 'vault'] as const).filter((manager) => secrets[manager] !== undefined);
  problems.require(secrets.source === 'config' || described.length === 1, {
    where: 'secrets',
    found: described.length === 0 ? 'no manager' : 'secrets.aws and secrets.vault',
    wanted: 'one of secrets.aws and secrets.vault, because secrets.source is "external"',
  });
}
