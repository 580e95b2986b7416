/** Requirements that this project does not model yet, with what they come with; and those that no infrastructure models. */
import { range } from './rows.ts';

const MONITORING = 'the monitoring stack comes later';
const VAULT = 'Vault itself comes later, and with it what rotates';
const BACKUPS = 'scheduled backups, and restoring from them, come later';
const IMAGE_AND_LOAD = 'building the product’s image comes later, and load as a gate';
const HOSTS = 'the hosts come later: EKS itself, and servers that run Docker';

export const LATER: Readonly<Record<string, readonly string[]>> = {
  [MONITORING]: [
    'A-MON-5',
    ...range('A-MET', 1, 4),
    'A-DASH-1',
    'A-OK-5',
    ...range('A-OK', 7, 9),
    ...range('D-MON', 1, 4),
    ...range('D-ALERT', 1, 8),
    ...range('D-ROUTE', 1, 5),
    ...range('D-DASH', 1, 2),
    ...range('D-MET', 1, 4),
    ...['D-LOG-1', 'E-SMOKE-26'],
  ],
  [VAULT]: range('D-VAULT', 1, 13),
  [BACKUPS]: ['A-BKP-1', 'A-RB-6', ...range('D-BKP', 1, 7), 'D-BKP-10', ...range('E-BKP', 1, 2), 'E-RB-7'],
  [IMAGE_AND_LOAD]: [
    ...['A-IMG-1', 'A-IMG-2', 'A-IMG-5', 'A-OK-10'],
    ...range('A-LOAD', 1, 4),
    ...['D-LOAD-1', 'D-LOAD-3', 'D-LOAD-4', 'D-OK-1', 'E-VAL-1'],
    ...['E-PERF-1', 'E-PERF-6', 'E-PERF-8'],
  ],
  [HOSTS]: ['A-TOPO-4', 'A-HOST-1', 'A-HOST-3', 'A-HOST-4', 'A-HOST-5', 'A-HOST-7', 'A-DNS-5', 'D-K8S-11'],
};

/** For people, pipelines and documents; the reasons are those of the requirements' own list. */
export const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  'what people or the pipeline see to beforehand': [...range('A-CHK', 1, 3), 'A-SEC-5', 'A-SEC-6'],
  'the checkout of sources': ['A-TOPO-5'],
  'the pipeline’s own file, and other ways of deploying': [...range('D-CICD', 1, 6), 'D-DEP-8'],
  'scans in the pipeline': ['D-SEC-2', 'E-SEC-4'],
  'test suites of the application': ['D-LOAD-2'],
  'estimates and measurements': ['A-TIME-1', 'D-DEP-7', 'E-DEP-1'],
  'objectives, whose means are modelled where they stand': range('D-DR', 1, 5),
  'what is kept in Git and in Vault': ['D-BKP-9'],
  'going back on demand, a verb for people: make rollback': [
    ...['A-MIG-4', 'A-RB-5', 'D-DEP-4', 'D-RB-1'],
    ...['E-RB-1', 'E-RB-4', 'E-RB-5'],
  ],
  'a strategy that neither of the two uses; the rehearsal does': ['D-DEP-3'],
  'a test that the document counts and does not name': ['E-SMOKE-24'],
};
