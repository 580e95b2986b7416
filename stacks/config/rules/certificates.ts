/** Certificates: who is to sign is known. */
import type { Problems } from '../../../components/core/index.ts';
import type { Settings } from '../systems/corporate-intelligence.ts';

export function checkIssuer({ certificates }: Settings, problems: Problems): void {
  problems.require(certificates.edge !== 'acme' || certificates.acme !== undefined, {
    where: 'certificates.acme',
    found: 'nothing',
    wanted: 'an account, because certificates.edge is "acme"',
  });
}
