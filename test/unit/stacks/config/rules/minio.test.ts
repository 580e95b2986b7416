import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problems } from '../../../../../components/core/index.ts';
import { checkBucketNames } from '../../../../../stacks/config/rules/buckets.ts';
import { checkBuckets } from '../../../../../stacks/config/rules/minio.ts';
import type { Settings } from '../../../../../stacks/config/systems/corporate-intelligence.ts';

const COPIES = {
  endpoint: 'https://minio.example.com',
  cidrs: ['10.20.0.0/16'],
  region: 'eu-west-1',
  secret: 'copies',
};
const bucket = (name: string, change: object = {}) => ({
  ...{ name, anonymousDownload: false, versioning: true, expiry: { oldVersions: 90 }, copyTo: `${name}-copy` },
  ...change,
});

/** Where a rule is broken, in the settings of the object store with these changes. */
function broken(change: object, reports: object = {}): string[] {
  const buckets = { documents: bucket('documents'), reports: bucket('reports', reports) };
  const minio = { allowAnonymous: false, copies: COPIES, buckets, ...change };
  const problems = new Problems();
  // Only this group is looked at.
  const settings = { minio } as unknown as Settings;
  checkBucketNames(settings, problems);
  checkBuckets(settings, problems);
  return problems.found.map(({ where }) => where);
}

test('versions, their expiry, copies and two names are accepted', () => assert.deepEqual(broken({}), []));

test('old versions and copies need versioning, and copies a place to go', () => {
  const where = 'minio.buckets.reports';
  assert.deepEqual(broken({}, { versioning: false }), [`${where}.versioning`]);
  assert.deepEqual(broken({}, { versioning: false, expiry: { objects: 30 }, copyTo: undefined }), []);
  assert.deepEqual(broken({ copies: undefined }), ['minio.buckets.documents.copyTo', `${where}.copyTo`]);
});

test('a public bucket takes two settings, and two buckets take two names', () => {
  assert.deepEqual(broken({}, { anonymousDownload: true }), ['minio.buckets.reports.anonymousDownload']);
  assert.deepEqual(broken({ allowAnonymous: true }, { anonymousDownload: true }), []);
  assert.deepEqual(broken({}, { name: 'documents' }), ['minio.buckets.reports.name']);
});
