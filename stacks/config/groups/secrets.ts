/** Where the secrets come from that are not generated: those of services outside. */
import { region, roleArn } from '../aws-kinds.ts';
import * as k from '../kinds.ts';
import { comfort, defaulted, listed, optional, part, stated } from '../setting.ts';

const server = k.text(
  /^https:\/\/[a-z0-9.-]+(:\d{1,5})?$/,
  'https, a host and maybe a port, like "https://vault.example.com:8200"',
);
const mount = k.text(/^[a-z0-9_-]+(\/[a-z0-9_-]+)*$/, 'a path without a slash at its ends, like "kubernetes"');

const cidrs = (whose: string) =>
  listed(k.cidr, { means: `Networks of ${whose}: what the operator may reach outside.`, from: 'D-NET-1, GAP-4' });

/** Where they may be kept; one of them is described. */
export const managers = {
  aws: part({
    region: stated(region, { means: 'Region of AWS Secrets Manager.', from: 'A-SEC-3' }),
    role: optional(roleArn, {
      means:
        'Role that may read the entry, assumed by the account `outside-secrets` of the namespace. Left out where `aws` is described: the stack makes it.',
      from: 'A-SEC-3, D-K8S-6',
    }),
    cidrs: cidrs("Secrets Manager's and STS's endpoints in that region"),
  }),
  vault: part({
    server: stated(server, { means: 'Address of Vault.', from: 'A-SEC-4, D-VAULT-2' }),
    engine: defaulted(mount, 'secret', {
      means: 'Where its key-value engine, version 2, is mounted.',
      from: 'A-SEC-4, D-VAULT-7, CONF-31',
    }),
    authentication: defaulted(mount, 'kubernetes', {
      means: 'Where its authentication by Kubernetes is mounted.',
      from: 'D-VAULT-8, GAP-9',
    }),
    role: stated(k.dnsLabel, {
      means: 'Role there that may read the entry; bound to the account `outside-secrets` and the audience `vault`.',
      from: 'D-VAULT-6, D-VAULT-8, GAP-9',
    }),
    authority: optional(k.dnsLabel, {
      means:
        "Secret in the namespace whose `ca.crt` signed the server's certificate. Left out: a public authority did.",
      from: 'D-VAULT-2, ours',
    }),
    cidrs: cidrs('its addresses'),
  }),
};

export const secrets = comfort({
  source: defaulted(k.choice('config', 'external'), 'config', {
    means:
      "Where the secrets below come from: from this stack's configuration, or from the entry `corporate-intel/<environment>/api` of a secrets manager (fields `SENTRY_DSN` and, with `api.externalSources` on, `ALPHA_VANTAGE_API_KEY` and `NEWSAPI_KEY`), which the program never sees. Changing it rolls API and workers.",
    from: 'A-SEC-2, D-K8S-5, D-VAULT-12, CONF-30, CONF-31; the entry is ours, GAP-9',
  }),
  every: defaulted(k.duration('1m', '24h'), '1h', {
    means:
      'How often the manager is asked. A rotated value comes that late, and pods read it when they start. Each asking is a few requests, which AWS charges for.',
    from: 'D-VAULT-12, GAP-9, ours',
  }),
  ...managers,
});
