/** PostgreSQL's memory settings out of the memory it may use. Pure arithmetic; all sizes in MiB. */
import { mebibytes, type Bytes } from '../core/index.ts';

/** The smallest pod that PostgreSQL is run in here. */
export const SMALLEST: Bytes = '256Mi';

/** Autovacuum workers, PostgreSQL's own default. Each may take `maintenanceWorkMem`. */
export const AUTOVACUUM_WORKERS = 3;

/** What one connection costs before it does anything, measured on PostgreSQL 15 and rounded up. */
export const BACKEND = 2;

export interface Tuning {
  readonly sharedBuffers: number;
  /** Not memory that is taken: what the planner assumes the kernel caches. */
  readonly effectiveCacheSize: number;
  readonly maintenanceWorkMem: number;
  /** For one sort or hash of one query. */
  readonly workMem: number;
  /** The most connections that fit beside the rest with `workMem` at its least. */
  readonly mostConnections: number;
}

/**
 * A quarter for shared buffers, an eighth for maintenance, a half for connections; the last eighth is left to the rest of
 * the server and the kernel's cache. With every connection sorting at once the pod stays within its limit.
 */
export function tune(memory: Bytes, maxConnections: number): Tuning {
  const total = mebibytes(memory);
  const forConnections = Math.floor(total / 2);
  return {
    sharedBuffers: Math.floor(total / 4),
    effectiveCacheSize: Math.floor((total * 5) / 8),
    maintenanceWorkMem: Math.max(1, Math.floor(total / 8 / AUTOVACUUM_WORKERS)),
    workMem: Math.max(1, Math.floor(forConnections / maxConnections) - BACKEND),
    mostConnections: Math.floor(forConnections / (BACKEND + 1)),
  };
}
