import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  costDrivers,
  costReport,
  readPrices,
  standing,
  type Driver,
  type Standing,
} from '../../../../../infra/sandbox/engine/costs.ts';
import { report } from '../../../../../infra/sandbox/engine/report.ts';

let count = 0;
const resource = (type: string, inputs: object, more: Partial<Standing> = {}): Standing => ({
  ...{ urn: `urn:pulumi:s::p::${type}::${++count}`, type, inputs },
  ...more,
});
const told = (...resources: Standing[]): string[] =>
  costDrivers(resources).map(({ name, count, quantity, unit }) => `${count} ${name}: ${quantity} ${unit}`);

describe('what costs', () => {
  test('a server by its type and hours, its disks by size and by what they do beyond the free', () => {
    const server = {
      instanceType: 't3.medium',
      monitoring: true,
      rootBlockDevice: { volumeType: 'gp3', volumeSize: 30, iops: 3000, throughput: 125 },
    };
    const data = { type: 'gp3', size: 100, iops: 4000, throughput: 250 };
    assert.deepEqual(told(resource('aws:ec2/instance:Instance', server), resource('aws:ebs/volume:Volume', data)), [
      '1 cloudwatch.detailed-monitoring: 1 month',
      '2 ebs.gp3: 130 GiB-month',
      '1 ebs.gp3.iops: 1000 IOPS-month',
      '1 ebs.gp3.throughput: 125 MiB/s-month',
      '1 ec2.instance/t3.medium: 730 hour',
    ]);
  });

  test('a group of nodes as many as it begins with, each with the disks of its template', () => {
    const template = resource('aws:ec2/launchTemplate:LaunchTemplate', {
      blockDeviceMappings: [{ ebs: { volumeType: 'gp3', volumeSize: 50 } }],
    });
    const group = resource(
      'aws:eks/nodeGroup:NodeGroup',
      {
        instanceTypes: ['m6i.large', 'm6a.large'],
        capacityType: 'SPOT',
        scalingConfig: { minSize: 3, desiredSize: 3 },
      },
      { propertyDependencies: { launchTemplate: [template.urn] } },
    );
    assert.deepEqual(told(resource('aws:eks/cluster:Cluster', {}), template, group), [
      '3 ebs.gp3: 150 GiB-month',
      '3 ec2.instance.spot/m6i.large: 2190 hour',
      '1 eks.control-plane: 730 hour',
    ]);
  });

  test('an endpoint in each of its zones, and one that is only a route not at all', () => {
    const endpoint = { vpcEndpointType: 'Interface', subnetIds: ['a', 'b', 'c'] };
    assert.deepEqual(
      told(
        resource('aws:ec2/vpcEndpoint:VpcEndpoint', endpoint),
        resource('aws:ec2/vpcEndpoint:VpcEndpoint', { vpcEndpointType: 'Gateway' }),
      ),
      ['3 vpc-endpoint: 2190 hour'],
    );
  });

  test('a volume and a load balancer that Kubernetes asks the cloud for', () => {
    const spec = { storageClassName: 'gp3', resources: { requests: { storage: '10Gi' } } };
    assert.deepEqual(
      told(
        resource('kubernetes:core/v1:PersistentVolumeClaim', { spec }),
        resource('kubernetes:apps/v1:StatefulSet', { spec: { replicas: 2, volumeClaimTemplates: [{ spec }] } }),
        resource('kubernetes:core/v1:Service', { spec: { type: 'LoadBalancer' } }),
        resource('kubernetes:core/v1:Service', { spec: { type: 'ClusterIP' } }),
      ),
      ['3 kubernetes.volume/gp3: 30 GiB-month', '1 load-balancer/network: 730 hour'],
    );
  });

  test('what is not known yet says so, and has a name that no price is for', () => {
    const group = { instanceTypes: ['04da6b54-80e4-46f7-96ec-b56ff0331ba9'], diskSize: 20 };
    assert.ok(told(resource('aws:eks/nodeGroup:NodeGroup', group)).includes('1 ec2.instance/unknown: 730 hour'));
  });

  test('what goes does not count, and what is replaced counts once', () => {
    const [old, next] = [resource('aws:kms/key:Key', {}), resource('aws:kms/key:Key', {}, { urn: 'urn:new' })];
    const steps = [
      { op: 'delete', urn: old.urn },
      { op: 'create-replacement', urn: next.urn, newState: next },
      { op: 'replace', urn: next.urn, newState: next },
      { op: 'delete-replaced', urn: next.urn, newState: next },
    ];
    assert.deepEqual(told(...standing({ steps })), ['1 kms.key: 1 month']);
  });
});

const DRIVERS: readonly Driver[] = [
  { name: 'eks.control-plane', count: 1, quantity: 730, unit: 'hour' },
  { name: 'kms.key', count: 2, quantity: 2, unit: 'month' },
];

describe('the report', () => {
  test('has no money without prices', () => {
    const text = costReport(DRIVERS).join('\n');
    assert.match(text, /\| eks\.control-plane \| 1 \| 730 hour \|\n/);
    assert.match(text, /Not in it, because no plan knows/);
    assert.doesNotMatch(text, /EUR|price/);
  });

  test('has money for what there is a price for, and lists the rest', () => {
    const prices = { currency: 'EUR', source: 'a list', prices: { 'eks.control-plane': 0.1 } };
    const text = costReport(DRIVERS, prices).join('\n');
    assert.match(text, /\| eks\.control-plane \| 1 \| 730 hour \| 73\.00 \|/);
    assert.match(text, /\| kms\.key \| 2 \| 2 month \| no price \|/);
    assert.match(text, /73\.00 EUR a month at the least: 1 drivers have no price \(kms\.key\)\. Prices: a list\./);
  });

  test('says a whole sum where everything has a price', () => {
    const prices = { currency: 'USD', source: 'a list', prices: { 'eks.control-plane': 0.1, 'kms.key': 1 } };
    assert.match(costReport(DRIVERS, prices).join('\n'), /^75\.00 USD a month\. Prices: a list\.$/m);
  });

  test('is part of a preview, and not of one that failed', () => {
    const key = resource('aws:kms/key:Key', {});
    const plan = { steps: [{ op: 'create', urn: key.urn, newState: key }] };
    assert.match(report('one', 'nothing.', plan, false), /\| kms\.key \| 1 \| 1 month \|/);
    assert.doesNotMatch(report('one', 'nothing.', plan, true), /kms\.key/);
  });
});

describe('a file of prices', () => {
  const read = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'platform-prices-'));
    try {
      writeFileSync(join(folder, 'prices.yaml'), text);
      return readPrices(join(folder, 'prices.yaml'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('names its currency, its origin and a price for each driver', () => {
    const text = 'currency: EUR\nsource: here\nprices: { ebs.gp3: 0.0952 }\n';
    assert.deepEqual(read(text), { currency: 'EUR', source: 'here', prices: { 'ebs.gp3': 0.0952 } });
  });

  test('that lacks one of these is refused', () => {
    assert.throws(() => read(''), /currency: found nothing; wanted three letters/);
    assert.throws(() => read('currency: EUR\nprices: {}\n'), /source: found nothing; wanted where the prices are from/);
    assert.throws(() => read('currency: EUR\nsource: here\n'), /prices: found nothing/);
    assert.throws(
      () => read('currency: EUR\nsource: here\nprices: { ebs.gp3: free }\n'),
      /prices\.ebs\.gp3: found "free"; wanted a number/,
    );
    assert.throws(() => read('currency: EUR\nsource: here\nprices: { ebs.gp3: .nan }\n'), /prices\.ebs\.gp3: found/);
    assert.throws(() => read('currency: EUR\nsource: here\nprices: [1]\n'), /prices: found \[1\]; wanted a price/);
  });

  test('that cannot be read is named, with what to do', () => {
    assert.throws(() => readPrices('/nowhere/prices.yaml'), {
      message: 'PRICES=/nowhere/prices.yaml: there is no such file; it names a file of prices, see README.md',
    });
    assert.throws(() => read('currency: [EUR\n'), /prices\.yaml/);
  });
});
