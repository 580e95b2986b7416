/**
 * The processor's spare time. Loaded into a process before anything else (`node --import`), it moves that process, and so all
 * that it will start, into the control group that `PLATFORM_IDLE` names: whatever else the machine has to do goes first.
 */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';

const LEAST = 19;
const group = process.env.PLATFORM_IDLE;
if (group === undefined || group === '') setPriority(LEAST);
else writeFileSync(join(group, 'cgroup.procs'), String(process.pid));
