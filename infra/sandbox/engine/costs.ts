/**
 * What a stack costs by: how many of what size for how many hours. Money comes only from a file of prices that whoever asks
 * brings along; what that file does not know is listed, and never guessed.
 */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import type { Plan } from './plan.ts';

/** A month of AWS's own calculator, in hours. */
const HOURS = 730;
/** What a gp3 volume has without paying for it: operations a second, MiB a second. */
const GP3 = { iops: 3000, throughput: 125 } as const;

export interface Driver {
  /** As a file of prices names it: `ec2.instance/t3.medium`. */
  readonly name: string;
  /** How many there are. */
  readonly count: number;
  /** How much of it a month has, in `unit`. */
  readonly quantity: number;
  /** `hour`, `GiB-month`, `IOPS-month`, `MiB/s-month`, `month`: what a price is for one of. */
  readonly unit: string;
}

type Tree = Readonly<Record<string, any>>;

/** A resource that the stack will consist of. */
export interface Standing {
  readonly urn: string;
  readonly type: string;
  readonly inputs: Tree;
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
}

/** What somebody pays for a use that nobody plans: requests, traffic, what is stored. Told, since no plan has the figures. */
export const USED: readonly string[] = [
  'data out of the region and between its zones, and through NAT gateways and endpoints',
  'what is stored in buckets, repositories, log groups and snapshots, and each request to them',
  'nodes beyond the desired number of a group, while it has grown',
];

const GONE = new Set(['delete', 'delete-replaced', 'discard', 'read', 'read-discard']);

/** What the stack consists of once the plan is carried out. */
export function standing({ steps = [] }: Plan): Standing[] {
  const states = (steps as readonly { readonly op: string; readonly newState?: Standing }[]).flatMap(
    ({ op, newState }) => (GONE.has(op) || newState === undefined ? [] : [newState]),
  );
  return [
    ...new Map(states.map((state) => [state.urn, { ...state, inputs: (state.inputs as Tree | null) ?? {} }])).values(),
  ];
}

const known = (value: unknown): string =>
  typeof value === 'string' && value !== '' && !value.startsWith('04da6b54-') ? value : 'unknown';
const amount = (value: unknown, otherwise: number): number => {
  const read = Number(value ?? otherwise);
  return Number.isFinite(read) ? read : otherwise;
};
const hourly = (name: string, count = 1): Driver => ({ name, count, quantity: count * HOURS, unit: 'hour' });
const monthly = (name: string, count = 1): Driver => ({ name, count, quantity: count, unit: 'month' });

/** A disk: its size, and what it does beyond what comes with the size. */
function disk(type: string, size: unknown, { iops, throughput }: Tree, count = 1): Driver[] {
  const drivers: Driver[] = [{ name: `ebs.${type}`, count, quantity: count * amount(size, 0), unit: 'GiB-month' }];
  const [free, flow] = type === 'gp3' ? [GP3.iops, GP3.throughput] : [0, Infinity];
  const extra = Math.max(0, amount(iops, free) - free);
  const more = Math.max(0, amount(throughput, flow) - flow);
  if (extra > 0) drivers.push({ name: `ebs.${type}.iops`, count, quantity: count * extra, unit: 'IOPS-month' });
  if (more > 0) drivers.push({ name: `ebs.${type}.throughput`, count, quantity: count * more, unit: 'MiB/s-month' });
  return drivers;
}

const blocks = (value: unknown): Tree[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]) as Tree[];

/** The nodes of a group as many as it begins with, each with the disks of its template. */
function nodes({ inputs, propertyDependencies = {} }: Standing, all: readonly Standing[]): Driver[] {
  const count = amount(inputs.scalingConfig?.desiredSize, 1);
  const [first] = (inputs.instanceTypes as unknown[] | undefined) ?? [];
  const market = inputs.capacityType === 'SPOT' ? '.spot' : '';
  const templates = propertyDependencies.launchTemplate ?? [];
  const template = all.find(({ urn, type }) => type.endsWith(':LaunchTemplate') && templates.includes(urn));
  const disks = blocks(template?.inputs.blockDeviceMappings).map(({ ebs }) => ebs as Tree);
  return [
    hourly(`ec2.instance${market}/${known(first ?? template?.inputs.instanceType)}`, count),
    ...(disks.length === 0 ? [{ volumeSize: inputs.diskSize ?? 20 }] : disks).flatMap((ebs: Tree) =>
      disk(ebs.volumeType ?? 'gp3', ebs.volumeSize, ebs, count),
    ),
  ];
}

/** Quantities of Kubernetes in GiB: `500Mi`, `10Gi`, `1Ti`. */
function gibibytes(text: unknown): number {
  const [, number = '0', unit = ''] = /^([\d.]+)([KMGT]i)?$/.exec(String(text)) ?? [];
  const powers: Readonly<Record<string, number>> = { '': -3, Ki: -2, Mi: -1, Gi: 0, Ti: 1 };
  return Number(number) * 1024 ** powers[unit]!;
}

/** A volume that Kubernetes asks a cloud for, by its storage class. */
const claimed = (spec: Tree | undefined, count = 1): Driver => ({
  name: `kubernetes.volume/${known(spec?.storageClassName)}`,
  count,
  quantity: count * gibibytes(spec?.resources?.requests?.storage),
  unit: 'GiB-month',
});

type Drive = (resource: Standing, all: readonly Standing[]) => readonly Driver[];

const DRIVES: Readonly<Record<string, Drive>> = {
  'aws:ec2/instance:Instance': ({ inputs }) => [
    hourly(`ec2.instance/${known(inputs.instanceType)}`),
    ...(inputs.monitoring === true ? [monthly('cloudwatch.detailed-monitoring')] : []),
    ...blocks(inputs.rootBlockDevice).flatMap((one) => disk(one.volumeType ?? 'gp3', one.volumeSize, one)),
    ...blocks(inputs.ebsBlockDevices).flatMap((one) => disk(one.volumeType ?? 'gp3', one.volumeSize, one)),
  ],
  'aws:eks/nodeGroup:NodeGroup': nodes,
  'aws:eks/cluster:Cluster': () => [hourly('eks.control-plane')],
  'aws:ebs/volume:Volume': ({ inputs }) => disk(inputs.type ?? 'gp2', inputs.size, inputs),
  'aws:ec2/natGateway:NatGateway': () => [hourly('nat-gateway')],
  'aws:ec2/eip:Eip': () => [hourly('public-ipv4')],
  'aws:ec2/vpcEndpoint:VpcEndpoint': ({ inputs }) =>
    inputs.vpcEndpointType === 'Interface'
      ? [hourly('vpc-endpoint', Math.max(1, blocks(inputs.subnetIds).length))]
      : [],
  'aws:lb/loadBalancer:LoadBalancer': ({ inputs }) => [
    hourly(`load-balancer/${inputs.loadBalancerType ?? 'application'}`),
  ],
  'aws:rds/instance:Instance': ({ inputs }) => [
    hourly(`rds.instance/${known(inputs.instanceClass)}`, inputs.multiAz === true ? 2 : 1),
    {
      name: `rds.storage/${inputs.storageType ?? 'gp3'}`,
      count: 1,
      quantity: amount(inputs.allocatedStorage, 0),
      unit: 'GiB-month',
    },
  ],
  'aws:kms/key:Key': () => [monthly('kms.key')],
  'aws:secretsmanager/secret:Secret': () => [monthly('secret')],
  'aws:route53/zone:Zone': () => [monthly('hosted-zone')],
  'aws:s3/bucket:Bucket': () => [monthly('s3.bucket')],
  'aws:cloudwatch/logGroup:LogGroup': () => [monthly('log-group')],
  'aws:ec2/flowLog:FlowLog': () => [monthly('flow-log')],
  'aws:ecr/repository:Repository': () => [monthly('ecr.repository')],
  'kubernetes:core/v1:PersistentVolumeClaim': ({ inputs }) => [claimed(inputs.spec)],
  'kubernetes:apps/v1:StatefulSet': ({ inputs: { spec } }) =>
    blocks(spec?.volumeClaimTemplates).map((one) => claimed(one.spec, amount(spec.replicas, 1))),
  'kubernetes:core/v1:Service': ({ inputs: { spec } }) =>
    spec?.type === 'LoadBalancer' ? [hourly('load-balancer/network')] : [],
};

/** What drives the cost of a stack, alike ones added up, in one order. */
export function costDrivers(resources: readonly Standing[]): Driver[] {
  const sums = new Map<string, Driver>();
  for (const resource of resources) {
    for (const driver of DRIVES[resource.type]?.(resource, resources) ?? []) {
      const { count, quantity } = sums.get(driver.name) ?? { count: 0, quantity: 0 };
      sums.set(driver.name, { ...driver, count: count + driver.count, quantity: quantity + driver.quantity });
    }
  }
  return [...sums.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A file of prices. */
export interface Prices {
  /** `EUR` */
  readonly currency: string;
  /** Where the prices are from, and of when. */
  readonly source: string;
  /** By the name of the driver, for one of its unit. */
  readonly prices: Readonly<Record<string, number>>;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
    throw new Error(`PRICES=${file}: ${why}; it names a file of prices, see README.md`, { cause: error });
  }
}

/**
 * Reads a file of prices:
 *
 *     currency: EUR
 *     source: eu-central-1, list prices of 2026-11-01
 *     prices:
 *       ec2.instance/t3.medium: 0.048   # one hour
 *       ebs.gp3: 0.0952                 # one GiB for a month
 *
 * @throws when it cannot be read, or is not of that form: a figure without a currency or an origin says nothing
 */
export function readPrices(file: string): Prices {
  const { currency, source, prices } = (load(textOf(file), { filename: file }) ?? {}) as Partial<
    Record<keyof Prices, unknown>
  >;
  const wrong = (where: string, found: unknown, wanted: string): never => {
    throw new Error(`${file}: ${where}: found ${JSON.stringify(found) ?? 'nothing'}; wanted ${wanted}`);
  };
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency))
    return wrong('currency', currency, 'three letters: EUR');
  if (typeof source !== 'string' || source === '')
    return wrong('source', source, 'where the prices are from, and of when');
  if (prices === null || typeof prices !== 'object' || Array.isArray(prices))
    return wrong('prices', prices, 'a price for each driver');
  for (const [name, price] of Object.entries(prices)) {
    if (!Number.isFinite(price) || (price as number) < 0)
      wrong(`prices.${name}`, price, 'a number that is not negative');
  }
  return { currency, source, prices: prices as Record<string, number> };
}

const figure = (value: number): string => String(Math.round(value * 100) / 100);

/** The drivers as a table for people, with money where there are prices. Nothing for a stack that costs nothing of its own. */
export function costReport(drivers: readonly Driver[], prices?: Prices): string[] {
  if (drivers.length === 0) return [];
  const costOf = ({ name, quantity }: Driver): number | undefined =>
    prices !== undefined && Object.hasOwn(prices.prices, name) ? prices.prices[name]! * quantity : undefined;
  const money = (driver: Driver): string => {
    if (prices === undefined) return '';
    const cost = costOf(driver);
    return cost === undefined ? ' no price |' : ` ${cost.toFixed(2)} |`;
  };
  const lines = drivers.map(
    (one) => `| ${one.name} | ${one.count} | ${figure(one.quantity)} ${one.unit} |${money(one)}`,
  );
  const head = prices === undefined ? [' |', '|'] : [` | ${prices.currency} a month |`, '|---:|'];
  return [
    '### What it costs by, in a month of 730 hours',
    '',
    `| driver | count | quantity${head[0]}`,
    `|---|---:|---:${head[1]}`,
    ...lines,
    '',
    ...(prices === undefined
      ? []
      : totals(
          drivers.map((one) => [one.name, costOf(one)]),
          prices,
        )),
    `Not in it, because no plan knows how much: ${USED.join('; ')}.`,
  ];
}

function totals(costs: readonly (readonly [string, number | undefined])[], { currency, source }: Prices): string[] {
  const total = costs.reduce((sum, [, cost = 0]) => sum + cost, 0);
  const unknown = costs.filter(([, cost]) => cost === undefined).map(([name]) => name);
  const least =
    unknown.length === 0 ? '' : ` at the least: ${unknown.length} drivers have no price (${unknown.join(', ')})`;
  return [`${total.toFixed(2)} ${currency} a month${least}. Prices: ${source}.`, ''];
}
