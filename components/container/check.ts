/** What no container could be made of, found before anything is. */
import { isIPv4 } from 'node:net';
import { checkDockerHost, Problems, shown } from '../core/index.ts';
import type { ContainerArgs } from './args.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** @throws InputRefused with everything that is wrong */
export function checkContainer(name: string, args: ContainerArgs): void {
  const { facts, publish = [], files = {}, volumes = {}, secrets = {}, settings = {} } = args;
  const problems = new Problems();
  checkDockerHost(args.host, 'host', problems);
  const containerName = args.containerName ?? facts.name;
  problems.require(NAME.test(containerName), {
    where: 'containerName',
    found: shown(containerName),
    wanted: 'letters, digits, "_", "." and "-", the first a letter or digit',
  });
  problems.require(args.networks.length > 0, {
    where: 'networks',
    found: 'none',
    wanted: 'at least one: in the host’s default network nobody is found by name',
  });
  for (const [at, { port, host, bind }] of publish.entries()) {
    problems.require(port in facts.ports, {
      where: `publish[${at}].port`,
      found: shown(port),
      wanted: `one of ${Object.keys(facts.ports).join(', ') || 'no ports: this service has none'}`,
    });
    problems.require(Number.isInteger(host) && host >= 1 && host <= 65_535, {
      where: `publish[${at}].host`,
      found: shown(host),
      wanted: 'a port from 1 to 65535',
    });
    problems.require(isIPv4(bind), {
      where: `publish[${at}].bind`,
      found: shown(bind),
      wanted: 'an IPv4 address of the host',
    });
  }
  const numbers = publish.map(({ port }) => facts.ports[port]);
  problems.require(new Set(numbers).size === numbers.length, {
    where: 'publish',
    found: `a port twice: ${numbers.join(', ')}`,
    wanted: 'each port of the container once',
  });
  for (const capability of args.capabilities ?? []) {
    problems.require(/^[A-Z_]+$/.test(capability) && !capability.startsWith('CAP_'), {
      where: 'capabilities',
      found: shown(capability),
      wanted: 'a capability in capitals without CAP_: "NET_BIND_SERVICE"',
    });
  }
  for (const path of [...Object.keys(files), ...Object.keys(volumes), ...Object.keys(facts.scratch ?? {})]) {
    problems.require(path.startsWith('/') && !path.split('/').includes('..'), {
      where: path,
      found: shown(path),
      wanted: 'an absolute path in the container',
    });
  }
  problems.require(args.readOnlyRoot !== true || Object.keys(files).length === 0, {
    where: 'readOnlyRoot',
    found: `true, and files: ${Object.keys(files).join(', ')}`,
    wanted: 'one of the two: Docker lays no file into a container whose root is read-only',
  });
  for (const variable of Object.keys(secrets)) {
    problems.require(!(variable in settings) && !(variable in (facts.settings ?? {})), {
      where: `secrets.${variable}`,
      found: 'a secret that is a plain setting as well',
      wanted: 'one of the two',
    });
  }
  const sealed = Object.keys(secrets).length > 0 || Object.values(files).some(({ secret }) => secret === true);
  problems.require(!sealed || args.fingerprintKey !== undefined, {
    where: 'fingerprintKey',
    found: 'nothing',
    wanted: 'the key of the secrets’ fingerprint, since there are secrets',
  });
  problems.throwIfAny(`Container "${name}"`);
}
