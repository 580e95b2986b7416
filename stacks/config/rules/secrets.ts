/** Secrets from outside: one manager is described, and the operator reaches it. */
import type { Problems } from '../../../components/core/index.ts';
import type { Settings } from '../schema.ts';

export function checkSecrets({ secrets, addons, network }: Settings, problems: Problems): void {
  const described = (['aws', 'vault'] as const).filter((manager) => secrets[manager] !== undefined);
  problems.require(secrets.source === 'config' || described.length === 1, {
    where: 'secrets',
    found: described.length === 0 ? 'no manager' : 'secrets.aws and secrets.vault',
    wanted: 'one of secrets.aws and secrets.vault, because secrets.source is "external"',
  });
  problems.require(addons.externalSecrets !== 'install' || network.apiServer !== undefined, {
    where: 'network.apiServer',
    found: 'nothing',
    wanted: 'the addresses of the API server, because addons.externalSecrets is "install"',
  });
}
