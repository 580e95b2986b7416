/** The defects that the tests of what stands at AWS have to catch. */
import type { Defect } from './plant.ts';

const caught = (file: string, test: string): Defect['caughtBy'] => ({ file: `test/unit/infra/${file}.test.ts`, test });

export const AWS: readonly Defect[] = [
  {
    harm: 'whoever gets hold of the writer of backups reads the database in them',
    file: 'infra/identity/policies/backup.ts',
    right: "'s3:ListMultipartUploadParts', 's3:PutObject'",
    wrong: "'s3:ListMultipartUploadParts', 's3:GetObject', 's3:PutObject'",
    caughtBy: caught('identity/rights', 'the writer of backups may do its work and nothing else'),
  },
  {
    harm: 'a wildcard that nobody gave a reason for reaches AWS',
    file: 'infra/identity/policy.ts',
    right: 'wide.length > 0 && because.length < REASON',
    wrong: 'wide.length > 3 && because.length < REASON',
    caughtBy: caught(
      'identity/policy',
      'a planted policy with a wildcard resource without a reason is found, and never reaches AWS',
    ),
  },
  {
    harm: 'a backup that is deleted by mistake is deleted in the other region, too',
    file: 'infra/storage/replication.ts',
    right: "deleteMarkerReplication: { status: 'Disabled' }",
    wrong: "deleteMarkerReplication: { status: 'Enabled' }",
    caughtBy: caught(
      'storage/storage',
      'new objects are copied to the other region, under its key and with a limit of time; deletions are not',
    ),
  },
  {
    harm: 'an exchanged zone replaces the subnets of the others',
    file: 'infra/network/blocks.ts',
    right: 'const place = LETTERS.indexOf(letter)',
    wrong: 'const place = zones.indexOf(zone)',
    caughtBy: caught('network/blocks', 'a zone has the same subnets in any order, and whoever its neighbours are'),
  },
];
