/** The Tria AI-BPO chatbot (system C) on a server with Docker: its settings, group by group, and its secrets. */
import type * as z from 'zod/mini';
import { host, logs, network } from '../groups/tria-host.ts';
import { backend, frontend, nginx, postgres, proof, redis, stack } from '../groups/tria.ts';
import { group } from '../setting.ts';

export const SETTINGS = group({ stack, host, network, logs, postgres, redis, backend, frontend, nginx, proof });

/** All settings of a stack, checked and whole. */
export type Settings = z.output<typeof SETTINGS>;

/** Keys of their own, because only a whole key can be encrypted. All are given by `pulumi config set --secret`. */
export const SECRET_KEYS = {
  openaiApiKey: {
    means: '`OPENAI_API_KEY`. Needed when `backend.openai.access` is `on`.',
    from: 'C-ENV-16',
  },
  xeroClientId: { means: '`XERO_CLIENT_ID`. All four of Xero, or none: optional for staging.', from: 'C-ENV-20' },
  xeroClientSecret: { means: '`XERO_CLIENT_SECRET`.', from: 'C-ENV-21' },
  xeroRefreshToken: { means: '`XERO_REFRESH_TOKEN`.', from: 'C-ENV-22' },
  xeroTenantId: { means: '`XERO_TENANT_ID`.', from: 'C-ENV-23' },
  tlsCertificate: {
    means:
      'With `nginx.tls`: the certificate in PEM, followed by those it was issued by. Another one is another nginx.',
    from: 'C-OK-7',
    form: 'pem',
  },
  tlsKey: { means: 'With `nginx.tls`: its private key in PEM.', from: 'C-OK-7', form: 'pem' },
  sentryDsn: { means: '`SENTRY_DSN`. Left out: nothing is reported to Sentry.', from: 'C-ENV-29' },
} as const;
