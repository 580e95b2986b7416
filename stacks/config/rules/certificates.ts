/** Certificates: who is to sign is known. */
import type { Problems } from '../../../components/core/index.ts';
import type { Settings } from '../schema.ts';

export function checkIssuer({ certificates }: Settings, problems: Problems): void {
  problems.require(certificates.edge !== 'acme' || certificates.acme !== undefined, {
    where: 'certificates.acme',
    found: 'nothing',
    wanted: 'an account, because certificates.edge is "acme"',
  });
}

/** A webhook is called, and a controller calls, through the fence of an add-on's namespace. */
export function checkAddons({ addons, network }: Settings, problems: Problems): void {
  problems.require(addons.certManager !== 'install' || network.apiServer !== undefined, {
    where: 'network.apiServer',
    found: 'nothing',
    wanted: 'the addresses of the API server, because addons.certManager is "install"',
  });
}
