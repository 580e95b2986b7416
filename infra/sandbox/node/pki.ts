/** One authority an instance, a certificate for each speaker. They last as long as an instance may: ten years. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../host/run.ts';
import type { Addresses } from './addresses.ts';

const DAYS = '3650';

interface Certificate {
  readonly file: string;
  /** Who its holder is to the API server: user name, and groups. */
  readonly cn: string;
  readonly o?: string;
  /** Names and addresses it may serve; without any it is for clients alone. */
  readonly serves?: readonly string[];
}

function certificates({ node, serviceApi }: Addresses): Certificate[] {
  return [
    {
      file: 'apiserver',
      cn: 'kube-apiserver',
      serves: [
        ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'],
        ...['localhost', '127.0.0.1', node, serviceApi],
      ],
    },
    { file: 'etcd', cn: 'etcd', serves: ['localhost', '127.0.0.1'] },
    { file: 'kubelet-server', cn: 'sandbox', serves: ['sandbox', node] },
    { file: 'metrics-server', cn: 'metrics-server', serves: ['metrics-server.kube-system.svc'] },
    { file: 'apiserver-kubelet-client', cn: 'apiserver-kubelet-client', o: 'system:masters' },
    { file: 'front-proxy', cn: 'front-proxy' },
    { file: 'admin', cn: 'admin', o: 'system:masters' },
    { file: 'controller-manager', cn: 'system:kube-controller-manager' },
    { file: 'scheduler', cn: 'system:kube-scheduler' },
    { file: 'kubelet', cn: 'system:node:sandbox', o: 'system:nodes' },
    { file: 'proxy', cn: 'system:kube-proxy' },
    { file: 'enforcer', cn: 'platform:enforcer' },
  ];
}

/** Who gets a kubeconfig of its own. */
const CLIENTS = ['admin', 'controller-manager', 'scheduler', 'kubelet', 'proxy', 'enforcer'] as const;

const isAddress = (name: string): boolean => /^[0-9.]+$/.test(name);

async function issue(dir: string, { file, cn, o, serves }: Certificate): Promise<void> {
  const at = (ending: string): string => join(dir, `${file}.${ending}`);
  await run(['openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at('key')]);
  const extensions = [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    `extendedKeyUsage=clientAuth${serves ? ',serverAuth' : ''}`,
    ...(serves
      ? [`subjectAltName=${serves.map((name) => `${isAddress(name) ? 'IP' : 'DNS'}:${name}`).join(',')}`]
      : []),
  ];
  writeFileSync(at('ext'), extensions.join('\n'));
  const subject = `${o ? `/O=${o}` : ''}/CN=${cn}`;
  const request = await run(['openssl', 'req', '-new', '-key', at('key'), '-subj', subject]);
  const signer = ['-CA', join(dir, 'ca.crt'), '-CAkey', join(dir, 'ca.key'), '-days', DAYS, '-extfile', at('ext')];
  await run(['openssl', 'x509', '-req', ...signer, '-out', at('crt')], { input: request });
  rmSync(at('ext'));
}

/** A kubeconfig in JSON, which every YAML reader understands too. */
function kubeconfig(dir: string, client: string, server: string): string {
  const data = (file: string): string => readFileSync(join(dir, file)).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'sandbox',
    clusters: [{ name: 'sandbox', cluster: { server, 'certificate-authority-data': data('ca.crt') } }],
    users: [
      {
        name: client,
        user: { 'client-certificate-data': data(`${client}.crt`), 'client-key-data': data(`${client}.key`) },
      },
    ],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: client } }],
  });
}

/** Fills `dir` with keys, certificates and `*.conf` kubeconfigs (all readable by root alone), unless it is there. */
export async function issueAll(dir: string, addresses: Addresses): Promise<void> {
  if (existsSync(dir)) return;
  const unfinished = `${dir}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const at = (file: string): string => join(unfinished, file);
  await run(['openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at('ca.key')]);
  await run(
    [
      'openssl',
      'req',
      '-x509',
      '-new',
      '-key',
      at('ca.key'),
      '-days',
      DAYS,
      '-subj',
      '/CN=sandbox',
      '-out',
      at('ca.crt'),
    ].concat(['-addext', 'keyUsage=critical,keyCertSign,cRLSign']),
  );
  await run(['openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at('accounts.key')]);
  await run(['openssl', 'ec', '-in', at('accounts.key'), '-pubout', '-out', at('accounts.pub')]);
  const all = certificates(addresses);
  await Promise.all(all.map((certificate) => issue(unfinished, certificate)));
  for (const { file } of all) chmodSync(at(`${file}.key`), 0o600);
  for (const client of CLIENTS) {
    writeFileSync(at(`${client}.conf`), kubeconfig(unfinished, client, addresses.api), { mode: 0o600 });
  }
  renameSync(unfinished, dir);
}
