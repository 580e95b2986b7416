import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proven } from '../../../../infra/dns/certificate.ts';
import { Certificate, Names, type NamesArgs } from '../../../../infra/dns/index.ts';
import { named, planned, type Made } from '../../support/mocks.ts';

const ZONE = { zoneId: 'Z0123456789ABCDEFGHIJ', domain: 'shop.example.com' };
const HOST = 'staging-api.shop.example.com';
const names = (change: Partial<NamesArgs> = {}) =>
  planned(
    () =>
      new Names(
        'dns',
        {
          zone: ZONE,
          hosts: {
            [HOST]: { to: 'alias', name: 'lb.elb.amazonaws.com', zoneId: 'Z35SXDOTRQ7X7K', evaluateTargetHealth: true },
          },
          issuers: ['letsencrypt.org', 'amazon.com'],
          ...change,
        },
        {},
      ),
  );
/** As ACM does: an option for each name, a wildcard's with the record of its base. */
const ACM = {
  'aws:acm/certificate:Certificate': ({ inputs }: Omit<Made, 'nth'>) => ({
    arn: 'arn:certificate',
    domainValidationOptions: [inputs['domainName'], ...(inputs['subjectAlternativeNames'] as string[])].map(
      (domainName) => {
        const base = (domainName as string).replace('*.', '');
        return {
          domainName,
          resourceRecordName: `_x.${base}`,
          resourceRecordType: 'CNAME',
          resourceRecordValue: `_y.${base}`,
        };
      },
    ),
  }),
};
const certificate = (hosts: readonly string[]) => planned(() => new Certificate('tls', { zone: ZONE, hosts }, {}), ACM);

test('a host leads to addresses, to something of AWS, or to another name', async () => {
  const made = await names({
    hosts: {
      [`a.${ZONE.domain}`]: { to: 'addresses', addresses: ['192.0.2.1'] },
      [`b.${ZONE.domain}`]: { to: 'name', name: 'elsewhere.example.org' },
      [HOST]: { to: 'alias', name: 'lb', zoneId: 'ZLB', evaluateTargetHealth: false },
    },
    issuers: [],
  });
  const of = (host: string) => named(made, `dns-host-${host}`).inputs;
  const zoneId = ZONE.zoneId;
  assert.deepEqual(of(`a.${ZONE.domain}`), {
    zoneId,
    name: `a.${ZONE.domain}`,
    type: 'A',
    ttl: 60,
    records: ['192.0.2.1'],
  });
  assert.deepEqual(of(`b.${ZONE.domain}`), {
    ...{ zoneId, name: `b.${ZONE.domain}`, type: 'CNAME', ttl: 60 },
    records: ['elsewhere.example.org'],
  });
  assert.deepEqual(of(HOST), {
    ...{ zoneId, name: HOST, type: 'A' },
    aliases: [{ name: 'lb', zoneId: 'ZLB', evaluateTargetHealth: false }],
  });
});

test('only the stated authorities may issue for a host, none a wildcard; a name that is another’s says nothing', async () => {
  const caa = (made: readonly Made[]) => made.filter(({ inputs }) => inputs['type'] === 'CAA');
  const [one, ...others] = caa(await names());
  assert.deepEqual(others, []);
  assert.equal(one!.inputs['name'], HOST);
  assert.deepEqual(one!.inputs['records'], ['0 issue "amazon.com"', '0 issue "letsencrypt.org"', '0 issuewild ";"']);
  assert.deepEqual(caa(await names({ hosts: { [HOST]: { to: 'name', name: 'x.example.org' } } })), []);
  assert.deepEqual(caa(await names({ issuers: [] })), []);
});

test('names outside the zone, a CNAME at its top, and a zone that is none are refused, all at once', async () => {
  const hosts = {
    'shop.example.org': { to: 'addresses', addresses: [] },
    [ZONE.domain]: { to: 'name', name: 'x.example.org' },
    notshop: { to: 'name', name: 'x' },
  } as const;
  await assert.rejects(names({ zone: { ...ZONE, zoneId: 'zone' }, hosts }), (error: Error) => {
    assert.match(error.message, /Names "dns" has 5 problems/);
    assert.match(error.message, /NamesArgs\.zone\.zoneId: found "zone"/);
    assert.match(error.message, /NamesArgs\.hosts: found "shop\.example\.org"; wanted a name of the zone/);
    assert.match(error.message, /NamesArgs\.hosts\.shop\.example\.org: found no address/);
    assert.match(
      error.message,
      /NamesArgs\.hosts\.shop\.example\.com: found another name; wanted addresses or an alias/,
    );
    return true;
  });
});

test('a certificate is proven by one record for each name, a wildcard’s being its base’s', async () => {
  assert.deepEqual(proven([HOST, ZONE.domain, `*.${ZONE.domain}`]), [ZONE.domain, HOST]);
  const made = await certificate([HOST, `*.${ZONE.domain}`]);
  const { inputs } = named(made, 'tls-certificate');
  assert.deepEqual(
    [inputs['domainName'], inputs['subjectAlternativeNames'], inputs['validationMethod']],
    [HOST, [`*.${ZONE.domain}`], 'DNS'],
  );
  assert.deepEqual(
    made.filter(({ type }) => type.endsWith(':Record')).map(({ name }) => name),
    [`tls-proof-${ZONE.domain}`, `tls-proof-${HOST}`],
  );
});

test('each proof holds what AWS asked for that name, and who uses the certificate waits until it is issued', async () => {
  const made = await certificate([HOST, `*.${ZONE.domain}`]);
  const proof = named(made, `tls-proof-${ZONE.domain}`).inputs;
  assert.deepEqual(
    [proof['name'], proof['type'], proof['records'], proof['allowOverwrite']],
    [`_x.${ZONE.domain}`, 'CNAME', [`_y.${ZONE.domain}`], true],
  );
  assert.equal((named(made, 'tls-issued').inputs['validationRecordFqdns'] as string[]).length, 2);
  const user = await planned(() => {
    const { arn } = new Certificate('tls', { zone: ZONE, hosts: [HOST] }, {});
    return new Names('dns', { zone: ZONE, hosts: { [HOST]: { to: 'name', name: arn } }, issuers: [] }, {});
  }, ACM);
  assert.ok(named(user, 'tls-issued').nth < named(user, `dns-host-${HOST}`).nth);
});

test('names of another zone, none, or one twice are refused', async () => {
  await assert.rejects(certificate([]), /CertificateArgs\.hosts: found \[\]; wanted at least one name/);
  await assert.rejects(certificate([HOST, HOST]), /none twice/);
  await assert.rejects(certificate(['shop.example.org']), /wanted a name of the zone shop\.example\.com/);
});
