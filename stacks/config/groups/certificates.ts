/** Certificates: which connections have one, and who signs it. */
import { roleArn } from '../aws-kinds.ts';
import * as k from '../kinds.ts';
import { comfort, defaulted, part, stated } from '../setting.ts';
import { ours } from './common.ts';

/** The server of Let's Encrypt that counts; https://acme-staging-v02.api.letsencrypt.org/directory is for trying. */
const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory';

const mail = k.text(/^[^@\s]+@[^@\s]+\.[^@\s]+$/, 'an e-mail address');

export const certificates = comfort({
  inside: defaulted(k.flag, false, {
    means:
      'Whether PostgreSQL, Redis, RabbitMQ and MinIO serve TLS with certificates of an authority of the namespace. Changing it rolls them and all that connect.',
    from: 'D-TLS-1, CONF-33',
  }),
  insideLifetime: defaulted(k.duration('1h', '3650d'), '90d', {
    means: 'How long such a certificate lasts. It is renewed after two thirds of that.',
    from: ours,
  }),
  edge: defaulted(k.choice('none', 'authority', 'acme'), 'none', {
    means:
      'Who signs the certificate of the edge: nobody (it then speaks plain HTTP), the authority of the namespace, or the ACME server.',
    from: 'A-TLS-1, D-ING-2, D-ING-3, CONF-32',
  }),
  acme: part({
    server: defaulted(k.url, LETS_ENCRYPT, {
      means: 'Directory of the ACME server. Another one is another account, and a new certificate at the next renewal.',
      from: 'D-ING-2, D-TLS-1, E-TLS-1',
    }),
    email: stated(mail, { means: 'Who is told of a certificate that is about to end.', from: 'D-TLS-1, ours' }),
    ingressClass: defaulted(k.dnsLabel, 'platform-edge', {
      means:
        'Class of the Ingress that leads to the answer of a challenge. The edge needs none; a cluster with a controller names its class.',
      from: ours,
    }),
    route53: part({
      region: stated(k.dnsLabel, { means: 'Region whose API is asked.', from: 'D-K8S-11, ours' }),
      hostedZoneId: stated(k.text(/^Z[A-Z0-9]{1,31}$/, 'the id of a hosted zone'), {
        means: 'Zone that the names belong to. With it, names are proven by DNS-01 and not by a page of the edge.',
        from: ours,
      }),
      role: stated(roleArn, { means: 'Role that may change TXT records of that zone.', from: 'D-K8S-6, ours' }),
    }),
  }),
});
