/**
 * The checks that cert-manager adds to the API server. The authority that the webhook serves with is not stated here: the
 * injector writes it, as a field of its own, and a plan does not see it.
 */
import type * as pulumi from '@pulumi/pulumi';
import { MutatingWebhookConfiguration } from '@pulumi/kubernetes/admissionregistration/v1/mutatingWebhookConfiguration.js';
import { ValidatingWebhookConfiguration } from '@pulumi/kubernetes/admissionregistration/v1/validatingWebhookConfiguration.js';
import type { PlatformComponent } from '../../../components/core/index.ts';
import { namesOf, type Scope } from './programs.ts';

/** Makes both. While the webhook is away, Issuers and Certificates of the served namespace cannot be changed. */
export function webhooks(
  owner: PlatformComponent,
  name: string,
  { namespace, serves }: Scope,
  labels: Record<string, string>,
  after: readonly pulumi.Resource[],
): pulumi.Resource[] {
  const { webhook, authority } = namesOf(name);
  const metadata = {
    name: webhook,
    labels,
    annotations: { 'cert-manager.io/inject-ca-from-secret': `${namespace}/${authority}` },
  };
  const common = (path: string) => ({
    name: 'webhook.cert-manager.io',
    admissionReviewVersions: ['v1'],
    matchPolicy: 'Equivalent',
    failurePolicy: 'Fail',
    sideEffects: 'None',
    timeoutSeconds: 10,
    // Objects of other namespaces are nobody's here, and not ours to refuse.
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': serves } },
    clientConfig: { service: { name: webhook, namespace, path } },
  });
  const options = { parent: owner, dependsOn: [...after] };
  return [
    new MutatingWebhookConfiguration(
      `${name}-mutating`,
      {
        metadata,
        webhooks: [
          {
            ...common('/mutate'),
            rules: [
              {
                apiGroups: ['cert-manager.io'],
                apiVersions: ['v1'],
                operations: ['CREATE'],
                resources: ['certificaterequests'],
              },
            ],
          },
        ],
      },
      options,
    ),
    new ValidatingWebhookConfiguration(
      `${name}-validating`,
      {
        metadata,
        webhooks: [
          {
            ...common('/validate'),
            rules: [
              {
                apiGroups: ['cert-manager.io', 'acme.cert-manager.io'],
                apiVersions: ['v1'],
                operations: ['CREATE', 'UPDATE'],
                resources: ['*/*'],
              },
            ],
          },
        ],
      },
      options,
    ),
  ];
}
