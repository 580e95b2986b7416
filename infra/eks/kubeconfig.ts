/** How clients reach a cluster: where it is, and which command gives a token. Nothing in it is secret. */

/** Where a cluster answers, and what its certificate is signed with. */
export interface ClusterAddress {
  readonly name: string;
  readonly region: string;
  /** `https://…`, as AWS gives it. */
  readonly endpoint: string;
  /** The authority's certificate, base64 of PEM. */
  readonly certificateAuthority: string;
}

/**
 * A kubeconfig that holds no credential: each use asks `aws eks get-token` for one that lives a quarter of an hour, as
 * whoever the environment says (AWS_PROFILE, a role of CI). So it may lie in a state, an output or a repository.
 *
 * It needs the AWS command line, version 2 or 1.16.156 and later, where it is used.
 */
export function kubeconfig({ name, region, endpoint, certificateAuthority }: ClusterAddress): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: endpoint, 'certificate-authority-data': certificateAuthority } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1beta1',
            command: 'aws',
            args: ['--region', region, 'eks', 'get-token', '--cluster-name', name, '--output', 'json'],
            interactiveMode: 'Never',
          },
        },
      },
    ],
  });
}
