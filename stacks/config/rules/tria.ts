/** What has to fit in a stack of the chatbot. */
import { bytes, type Bytes, type Problems } from '../../../components/core/index.ts';
import { PORTS } from '../../../infra/host/index.ts';
import type { Rule } from '../system.ts';
import type { Settings } from '../systems/tria.ts';
import { sshPort } from './docker-host.ts';
import { requireOrder } from './order.ts';

function checkHost({ host, network }: Settings, problems: Problems): void {
  const other = host.kind === 'ec2' ? 'existing' : 'ec2';
  problems.require(host[host.kind] !== undefined && host[other] === undefined, {
    where: 'host',
    found: [host.ec2 && 'host.ec2', host.existing && 'host.existing'].filter(Boolean).join(' and ') || 'neither',
    wanted: `host.${host.kind} alone, because host.kind is "${host.kind}"`,
  });
  const remote = host.kind === 'ec2' || host.existing?.address.startsWith('ssh://') === true;
  problems.require(remote === (host.ssh !== undefined), {
    where: 'host.ssh',
    found: host.ssh === undefined ? 'nothing' : 'SSH settings',
    wanted: remote ? 'host.ssh.knownHosts: the host is reached over SSH' : 'none for a local host',
  });
  problems.require(host.kind === 'existing' || network.sshFrom.length > 0, {
    where: 'network.sshFrom',
    found: 'nobody',
    wanted: 'at least one network while host.kind is "ec2": the containers are made over SSH',
  });
  problems.require(host.ec2?.zone.startsWith(host.ec2.region) !== false, {
    where: 'host.ec2.zone',
    found: `"${host.ec2?.zone}"`,
    wanted: `a zone of host.ec2.region, which is "${host.ec2?.region}"`,
  });
}

function checkProfile({ stack, network, frontend, nginx }: Settings, problems: Problems): void {
  const full = stack.profile === 'full-stack';
  for (const [name, described] of Object.entries({ frontend, nginx })) {
    problems.require((described !== undefined) === full, {
      where: name,
      found: described === undefined ? 'nothing' : 'a group',
      wanted: `${full ? 'a group' : 'none'} while stack.profile is "${stack.profile}"`,
    });
  }
  problems.require(full || network.publishBackend, {
    where: 'network.publishBackend',
    found: 'false',
    wanted: 'true while stack.profile is "backend-only": nothing else leads to the backend',
  });
  problems.require(network.publishBackend || network.backendFrom.length === 0, {
    where: 'network.backendFrom',
    found: network.backendFrom.join(', '),
    wanted: 'nobody while network.publishBackend is off',
  });
}

function checkParts({ postgres, redis, backend, frontend, nginx }: Settings, problems: Problems): void {
  const parts = { postgres, redis, backend, frontend, nginx };
  for (const [name, described] of Object.entries(parts)) {
    if (described !== undefined) requireOrder(`${name}.cpu`, described.cpu, problems);
  }
  const units = { kb: 'Ki', mb: 'Mi', gb: 'Gi' } as const;
  const wanted = redis.maxMemory.replace(/[kmg]b$/, (unit) => units[unit as keyof typeof units]) as Bytes;
  problems.require(bytes(wanted) * 4 <= bytes(redis.memory) * 3, {
    where: 'redis.maxMemory',
    found: `"${redis.maxMemory}"`,
    wanted: `at most three quarters of redis.memory, which is "${redis.memory}": rewriting its file needs the rest`,
  });
}

function checkProof({ backend, proof }: Settings, problems: Problems): void {
  problems.require(backend.metrics || proof.sustained === undefined, {
    where: 'proof.sustained',
    found: 'a group',
    wanted: 'none while backend.metrics is off: the share of cache hits is read there',
  });
}

const checkOpenai: Rule<Settings> = ({ backend }, problems, given) =>
  problems.require(backend.openai.access === 'off' || given.has('openaiApiKey'), {
    where: 'backend.openai.access',
    found: '"on"',
    wanted: '"off" while openaiApiKey is not set',
    remedy: 'run `pulumi config set --secret openaiApiKey`',
  });

const XERO = ['xeroClientId', 'xeroClientSecret', 'xeroRefreshToken', 'xeroTenantId'] as const;

const checkXero: Rule<Settings> = (_, problems, given) => {
  const missing = XERO.filter((key) => !given.has(key));
  problems.require(missing.length === 0 || missing.length === XERO.length, {
    where: missing[0] ?? 'xeroClientId',
    found: 'a part of an account at Xero',
    wanted: `all four or none: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set`,
    remedy: missing.map((key) => `run \`pulumi config set --secret ${key}\``).join(' and '),
  });
};

const CERTIFICATE = ['tlsCertificate', 'tlsKey'] as const;

const checkCertificate: Rule<Settings> = ({ nginx }, problems, given) => {
  const missing = CERTIFICATE.filter((key) => !given.has(key));
  const secure = nginx?.tls !== undefined;
  problems.require(!secure || missing.length === 0, {
    where: 'nginx.tls',
    found: 'a group',
    wanted: `none while ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set`,
    remedy: missing.map((key) => `run \`pulumi config set --secret ${key} < FILE\``).join(' and '),
  });
  problems.require(secure || missing.length === CERTIFICATE.length, {
    where: CERTIFICATE.find((key) => given.has(key)) ?? 'tlsKey',
    found: 'a part of a certificate',
    wanted: 'none while nothing says under which name it is used',
    remedy: 'set nginx.tls.host, or take both away: `pulumi config rm`',
  });
};

/** Docker finds a port that is taken when half of an update is done. */
function checkPorts({ host, network, postgres, nginx }: Settings, problems: Problems): void {
  const taken = new Map<number, string>([
    [sshPort(host.existing?.address ?? ''), 'SSH'],
    ...(network.publishBackend ? [[PORTS.backend, 'the backend'] as const] : []),
    ...(host.kind === 'ec2' ? [[PORTS.metrics, 'node_exporter'] as const] : []),
  ]);
  const asked = { 'postgres.port': postgres.port, 'nginx.port': nginx?.port, 'nginx.tls.port': nginx?.tls?.port };
  for (const [where, port] of Object.entries(asked)) {
    if (port === undefined) continue;
    const by = taken.get(port);
    problems.require(by === undefined, { where, found: `${port}`, wanted: `a port of its own: ${by} has that one` });
    if (by === undefined) taken.set(port, where);
  }
}

/** In the order in which their messages appear. */
export const RULES: readonly Rule<Settings>[] = [
  checkHost,
  checkProfile,
  checkParts,
  checkProof,
  checkOpenai,
  checkXero,
  checkCertificate,
  checkPorts,
];
