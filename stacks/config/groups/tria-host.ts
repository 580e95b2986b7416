/** Where the chatbot runs: a server that the stack makes on EC2, or one that is there (C-HOST). */
import { instanceType, region, zone } from '../aws-kinds.ts';
import * as k from '../kinds.ts';
import { comfort, defaulted, group, optional, part, stated } from '../setting.ts';
import { account } from './aws.ts';
import { ours } from './common.ts';

const path = k.absolutePath;
const cidrs = k.narrowCidrs(0);

export const host = group({
  kind: stated(k.choice('ec2', 'existing'), {
    means: 'Whether the stack makes the server on EC2 (C’s option A) or takes one that is there (its option C).',
    from: 'C-HOST-1, C-HOST-6',
  }),
  name: defaulted(k.dnsLabel, 'tria-aibpo-staging', {
    means: 'What everything in AWS is called, and what the containers’ labels say they are part of: `project_name`.',
    from: 'C-HOST-2',
  }),
  user: defaulted(k.text(/^[a-z_][a-z0-9_-]*$/, 'the name of a user'), 'ubuntu', {
    means: 'Who signs in over SSH at the server on EC2; he may use Docker.',
    from: 'C-HOST-4, C-HOST-7',
  }),
  ssh: part({
    knownHosts: stated(path, {
      means: "File with the host's key. Of a new server it is written once its console shows the key.",
      from: ours,
    }),
    key: optional(path, { means: 'File with the private key. Left out: what the SSH agent offers.', from: 'C-HOST-2' }),
  }),
  existing: part({
    address: stated(k.dockerHost, {
      means: 'The Docker host. Another one is another host: everything is made anew there, and no data move.',
      from: 'C-HOST-6',
    }),
    publicAddress: stated(k.hostName, { means: 'Where clients reach its ports.', from: 'C-HOST-3' }),
  }),
  ec2: part({
    account,
    region: stated(region, { means: '`aws_region`.', from: 'C-HOST-2' }),
    instanceType: defaulted(instanceType, 't3.medium', {
      means: '`instance_type`. Another one stops and starts the server.',
      from: 'C-HOST-2',
    }),
    imageId: stated(k.text(/^ami-[0-9a-f]{8,17}$/, 'the id of a machine image like "ami-0123456789abcdef0"'), {
      means: 'Ubuntu 22.04 for amd64 in the region. Another one is another server; its data disk moves to it.',
      from: 'C-HOST-4, C-HOST-6',
    }),
    vpcId: stated(k.text(/^vpc-[0-9a-f]{8,17}$/, 'the id of a network like "vpc-0123456789abcdef0"'), {
      means: 'Network of the server. One that is there: its own gateways would cost more than this one server.',
      from: 'GAP-7, ours',
    }),
    subnetId: stated(k.text(/^subnet-[0-9a-f]{8,17}$/, 'the id of a subnet like "subnet-0123456789abcdef0"'), {
      means: 'Public subnet in it. Another one is another server.',
      from: 'GAP-7, ours',
    }),
    zone: stated(zone, {
      means: 'Zone of that subnet, where the data disk has to be.',
      from: 'GAP-7, ours',
    }),
    keyName: stated(k.line, { means: '`key_name`: the pair of keys that SSH lets in.', from: 'C-HOST-2' }),
    publicKey: optional(k.text(/^(ssh-ed25519|ssh-rsa) \S+( \S+)?$/, 'one line of an OpenSSH public key'), {
      means: 'Its public half. Left out: the account has a pair of that name.',
      from: 'C-HOST-2, ours',
    }),
    rootDisk: defaulted(k.whole(20, 16_384), 30, { means: 'GiB of the root disk.', from: 'C-HOST-6' }),
    dataDisk: defaulted(k.whole(10, 16_384), 50, {
      means: 'GiB of the disk with Docker’s images, volumes and logs. It outlives the server.',
      from: 'C-HOST-6, ours',
    }),
    monitoring: defaulted(k.flag, true, {
      means: '`enable_monitoring`: figures of AWS each minute.',
      from: 'C-HOST-2',
    }),
  }),
});

export const network = group({
  sshFrom: stated(cidrs, {
    means: '`allowed_ssh_ips`. Where this program runs has to be among them.',
    from: 'C-HOST-2, C-NET-2',
  }),
  backendFrom: defaulted(cidrs, [], {
    means: 'Who reaches 8003, past nginx, where `network.publishBackend` is on.',
    from: 'CONF-39, C-NET-1',
  }),
  metricsFrom: defaulted(cidrs, [], {
    means: 'Who reaches node_exporter on 9100: the address of Prometheus.',
    from: 'CONF-38, C-PORT-3',
  }),
  publishBackend: stated(k.flag, {
    means:
      'Whether the backend answers at its own port 8003, too. Necessary with the profile `backend-only`; its tests and Prometheus come to it.',
    from: 'CONF-39, C-PORT-1, C-MON-2',
  }),
  bind: defaulted(k.ipv4, '0.0.0.0', {
    means: 'Address of the host that nginx and the backend answer at.',
    from: 'C-NET-1, ours',
  }),
});

export const logs = comfort({
  maxSize: defaulted(k.size('1Mi', '1Gi'), '10Mi', {
    means: 'Size at which a container’s log is rotated by Docker.',
    from: 'C-LOG-1, CONF-63',
  }),
  maxFiles: defaulted(k.whole(2, 100), 7, {
    means: 'Logs of a container that are kept, the current one among them.',
    from: 'C-LOG-1, CONF-63',
  }),
});
