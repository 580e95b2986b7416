/** What holds data: how many, how large, how it fails over, what it is encrypted by. */
import { absent, atLeast, counted, inside, rows, some, type Row } from './rows.ts';

const BOTH = ['staging', 'production'];

export const DATA: readonly Row[] = [
  // PostgreSQL
  ...rows(
    'staging',
    'StatefulSet postgres',
    ['A-TOPO-2', 'spec.replicas', 1],
    ['A-TOPO-2', 'spec.template.spec.containers.*.image', some(/timescale.*2\.13\.0.*pg15|timescale.*pg15.*2\.13/)],
  ),
  ...rows(
    'production',
    'StatefulSet postgres',
    ['D-HELM-3, D-OK-2', 'spec.replicas', 3],
    ['E-TOPO-1', 'spec.template.spec.containers.*.image', some(/timescale.*pg15/)],
  ),
  ...rows(BOTH, 'Service postgres', ['A-TOPO-3, A-PORT-2', 'spec.ports.*.port', 5432], ['E-SEC-2', 'spec', inside]),
  ...rows('production', 'Service postgres-read', ['D-HELM-3', 'spec.ports.*.port', 5432]),
  ...rows(BOTH, 'ConfigMap postgres*', ['A-DATA-2, E-OPS-3', 'data.*', some(/pg_stat_statements/)]),
  ...rows('production', 'ConfigMap postgres*', ['E-SEC-2, D-SEC-1', 'data.*', some(/ssl\W+(on|true)/)]),
  ...rows('staging', 'PersistentVolumeClaim data-postgres-*', ['A-HOST-2', 'spec.resources.requests.storage', '100Gi']),
  ...rows(
    'production',
    'PersistentVolumeClaim data-postgres-*',
    ['A-HOST-2, D-HELM-2, D-HELM-3', 'spec.resources.requests.storage', counted(3)],
    ['A-HOST-2', 'spec.storageClassName', counted(3)],
  ),
  ...rows(
    BOTH,
    'StorageClass *',
    ['A-HOST-2', 'parameters.type', some('gp3')],
    ['A-HOST-2', 'parameters.iops', atLeast(3000)],
    ['A-HOST-2', 'allowVolumeExpansion', true],
    ['D-SEC-1', 'parameters.encrypted', 'true'],
  ),
  ...rows(BOTH, 'Resource PersistentVolumeClaim/*', ['D-HELM-2', 'protect', true]),
  ...rows('production', 'Deployment postgres-pooler', ['E-OPS-4', 'spec.replicas', atLeast(2)]),
  // Redis
  ...rows(
    'staging',
    'StatefulSet redis',
    ['A-TOPO-2', 'spec.replicas', 1],
    ['A-TOPO-2', 'spec.template.spec.containers.*.image', some(/redis:7/)],
  ),
  ...rows(
    'production',
    'StatefulSet redis',
    ['D-HELM-4, D-OK-2', 'spec.replicas', 3],
    ['D-HELM-4', 'spec.template.spec.containers.*.name', some('sentinel')],
    ['E-TOPO-1', 'spec.template.spec.containers.*.image', some(/redis:7/)],
  ),
  ...rows(BOTH, 'Service redis', ['A-TOPO-3, A-PORT-3', 'spec.ports.*.port', some(6379)]),
  // RabbitMQ
  ...rows('production', 'StatefulSet rabbitmq', ['D-HELM-5, D-HELM-1, D-OK-2', 'spec.replicas', 3]),
  ...rows('production', 'ConfigMap rabbitmq*', ['D-OK-2', 'data.*', some(/quorum/)]),
  // MinIO
  ...rows('staging', 'StatefulSet minio', ['A-TOPO-2', 'spec.replicas', 1]),
  ...rows('production', 'StatefulSet minio', ['D-HELM-6, E-TOPO-1, D-OK-2', 'spec.replicas', 4]),
  ...rows(
    BOTH,
    'Service minio',
    ['A-TOPO-3, A-PORT-4', 'spec.ports.*.port', some(9000)],
    ['A-PORT-5, A-GATE-11', 'spec.ports.*.port', some(9001)],
  ),
  ...rows(
    'staging',
    'Bucket *',
    ['A-STOR-1', 'bucket', some('staging-documents')],
    ['A-STOR-1', 'bucket', some('staging-reports')],
    ['A-STOR-3', 'accessKey.key', counted(2)],
  ),
  ...rows('staging', 'Bucket bucket-staging-reports', ['A-STOR-2', 'anonymousDownload', true]),
  ...rows('staging', 'Bucket bucket-staging-documents', ['A-STOR-2', 'anonymousDownload', false]),
  ...rows(
    'production',
    'Bucket *',
    ['D-RES-5', 'anonymousDownload', false],
    ['D-BKP-8', 'versioning', true],
    ['D-BKP-8', 'expiry.oldVersions', atLeast(1)],
    ['D-BKP-8', 'copyTo', counted(2)],
  ),
  // What fails over keeps a majority.
  ...rows(
    'production',
    'PodDisruptionBudget *',
    ['D-K8S-9, D-OK-3', 'metadata.name', some('postgres')],
    ['D-K8S-9, D-OK-3', 'metadata.name', some('redis')],
    ['D-K8S-9, D-OK-3', 'metadata.name', some('rabbitmq')],
    ['D-K8S-9, D-OK-3', 'metadata.name', some('minio')],
  ),
  ...rows('production', 'Certificate *', ['D-SEC-1', 'spec.secretName', some(/postgres/)]),
  ...rows(BOTH, 'Service *', ['E-SEC-2', 'spec.ports[port=5432].nodePort', absent]),
];
