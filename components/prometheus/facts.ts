/** What is true of the Prometheus image wherever it runs: read by the pods and by the container. */
import { bytes, seconds, type Bytes, type Duration } from '../core/index.ts';

/** Where it answers: queries, and who looks whether it lives (A-PORT-8). */
export const PORT = 9090;
/** Where the image keeps what it has read, and where it is told whom to ask. */
export const FOLDERS = { data: '/prometheus', configuration: '/etc/prometheus' } as const;
export const CONFIGURATION_FILE = `${FOLDERS.configuration}/prometheus.yml`;
export const HEALTH = { ready: '/-/ready', alive: '/-/healthy' } as const;

/**
 * @param keepFor how long it remembers
 * @param space what it may take on the disk; four fifths of it are samples, and what is older goes first
 */
export const serverArguments = (keepFor: Duration, space: Bytes): string[] => [
  `--config.file=${CONFIGURATION_FILE}`,
  `--storage.tsdb.path=${FOLDERS.data}`,
  `--storage.tsdb.retention.time=${seconds(keepFor)}s`,
  `--storage.tsdb.retention.size=${Math.floor(bytes(space) * 0.8)}B`,
];
