/**
 * What watches a Docker host, beside Prometheus: one container each (E-TOPO-3). Each asks for its own health with what its
 * image holds.
 */
import type * as pulumi from '@pulumi/pulumi';
import type { Contained } from '../container/index.ts';
import { canonical, type HealthFacts, type ServiceFacts } from '../core/index.ts';

type Own = Pick<ServiceFacts, 'name' | 'image' | 'cpu' | 'memory'>;

/** Where each answers; Jaeger's `admin` is for its health and figures (A-PORT-6, A-PORT-7, A-PORT-9). */
export const MONITORING_PORTS = {
  grafana: 3000,
  alertmanager: 9093,
  nodeExporter: 9100,
  cadvisor: 8080,
  jaeger: { ui: 16_686, otlpGrpc: 4317, otlpHttp: 4318, admin: 14_269 },
} as const;

const answers = (port: number, path: string): HealthFacts => ({
  command: ['wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${port}${path}`],
});

export interface GrafanaService extends Own {
  readonly password: pulumi.Output<string>;
  /** Where Prometheus answers: its one data source. */
  readonly prometheus: string;
}

const PASSWORD_FILE = '/run/secrets/grafana/password';
const PROVISIONING = '/etc/grafana/provisioning';

/** Signs nobody in but its administrator, and asks nobody outside for news. */
export const grafanaContainer = ({ password, prometheus, ...own }: GrafanaService): Contained => ({
  facts: {
    ...own,
    ports: { http: MONITORING_PORTS.grafana },
    health: answers(MONITORING_PORTS.grafana, '/api/health'),
    settings: {
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_PATHS_PROVISIONING: PROVISIONING,
      GF_SECURITY_ADMIN_PASSWORD__FILE: PASSWORD_FILE,
      GF_USERS_ALLOW_SIGN_UP: 'false',
    },
  },
  data: '/var/lib/grafana',
  files: {
    [PASSWORD_FILE]: { content: password, secret: true },
    [`${PROVISIONING}/datasources/prometheus.yaml`]: {
      content: canonical({
        apiVersion: 1,
        datasources: [{ name: 'Prometheus', type: 'prometheus', url: prometheus, access: 'proxy', isDefault: true }],
      }),
    },
  },
});

/** Everything in one, with traces in memory: a restart forgets them. */
export const jaegerContainer = (own: Own): Contained => ({
  facts: {
    ...own,
    ports: MONITORING_PORTS.jaeger,
    health: answers(MONITORING_PORTS.jaeger.admin, '/'),
    settings: { COLLECTOR_OTLP_ENABLED: 'true' },
    scratch: { '/tmp': '64Mi' },
  },
});

const ROUTES = '/etc/alertmanager/alertmanager.yml';

/** Takes alerts and tells nobody: receivers are GAP-12. */
export const alertmanagerContainer = (own: Own): Contained => ({
  facts: {
    ...own,
    command: [`--config.file=${ROUTES}`, '--storage.path=/alertmanager', '--cluster.listen-address='],
    ports: { http: MONITORING_PORTS.alertmanager },
    health: answers(MONITORING_PORTS.alertmanager, '/-/ready'),
  },
  data: '/alertmanager',
  files: { [ROUTES]: { content: canonical({ route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] }) } },
});

/** The machine itself: its processes are counted and its disks looked at, read-only. Mounts that come later are seen too. */
export const nodeExporterContainer = (own: Own): Contained => ({
  facts: {
    ...own,
    command: ['--path.rootfs=/host'],
    ports: { metrics: MONITORING_PORTS.nodeExporter },
    health: answers(MONITORING_PORTS.nodeExporter, '/'),
    stopGrace: '10s',
  },
  seesProcesses: true,
  binds: [{ folder: '/', at: '/host', later: true }],
});

/** The containers of the host, by the folders of the kernel and the daemon's socket, which is mounted to be read. */
export const cadvisorContainer = (own: Own): Contained => ({
  facts: {
    ...own,
    command: ['-docker_only=true', '-housekeeping_interval=10s'],
    ports: { metrics: MONITORING_PORTS.cadvisor },
    health: answers(MONITORING_PORTS.cadvisor, '/healthz'),
    stopGrace: '10s',
  },
  binds: [
    { folder: '/', at: '/rootfs', later: true },
    { folder: '/var/run', at: '/var/run', later: true },
    { folder: '/sys', at: '/sys', later: false },
    { folder: '/var/lib/docker', at: '/var/lib/docker', later: true },
  ],
});
