/** Addresses that settings and the cluster have to agree on. Nothing of AWS is loaded for them. */

import { formatCidr, parseCidr } from '../../components/core/index.ts';

/** Of Services (ours): apart from any VPC of infra/network. Another range is another cluster. */
export const SERVICES = '172.20.0.0/16';

/** Of the Service `kubernetes`: Kubernetes gives it the first one of the range. */
export const API_SERVER = formatCidr({ first: parseCidr(SERVICES)!.first + 1, bits: 32 });
