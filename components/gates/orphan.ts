/**
 * A provider host outlives an engine that is killed, and would go on asking for as long as its gates are patient. So
 * while a gate runs, it watches those that started it.
 */
import { readFileSync } from 'node:fs';

const LOOK = 500;
const SHELLS = new Set(['sh', 'dash', 'bash', 'ash', 'busybox']);

/**
 * Ends this process within a second after the engine has gone; until the function that is returned is called. A process
 * whose parent dies gets another one. Where a launcher script stands between, the script survives, and loses its own.
 */
export function leaveWithTheEngine(
  lineage: () => string = ancestors,
  leave: () => void = () => process.exit(1),
): () => void {
  const before = lineage();
  const timer = setInterval(() => {
    if (lineage() !== before) leave();
  }, LOOK);
  return () => clearInterval(timer);
}

/** The parent, and above it as far as there are only shells. */
function ancestors(): string {
  const line = [process.ppid];
  for (let parent = nextAbove(process.ppid); parent !== undefined; parent = nextAbove(parent)) line.push(parent);
  return line.join(' ');
}

/** The parent of a shell. Only Linux tells; elsewhere the direct parent has to do. */
function nextAbove(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // No /proc, or the process has just ended: then the line is shorter than before.
  }
  const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/s.exec(stat) ?? [];
  return name !== undefined && SHELLS.has(name) && Number(parent) > 1 ? Number(parent) : undefined;
}
