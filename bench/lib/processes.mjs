// What process trees use, where /proc tells (Linux).
import { readFileSync, readdirSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command, in parentheses, may itself hold spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      parent: Number(fields[1]),
      cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
    };
  } catch {
    return null;
  }
}

/** The process and all below it. */
export function tree(root) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name)) {
      const found = stat(Number(name));
      if (found) {
        parents.set(Number(name), found.parent);
      }
    }
  }
  const below = [root];
  for (let i = 0; i < below.length; i++) {
    for (const [pid, parent] of parents) {
      if (parent === below[i]) {
        below.push(pid);
      }
    }
  }
  return below;
}

/** Seconds of processor time that the processes have used so far. */
export function cpuSeconds(pids) {
  return pids.reduce((sum, pid) => sum + (stat(pid)?.cpu ?? 0), 0);
}

/** Bytes that one process holds in memory. */
export function residentBytes(pid) {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(
    readFileSync(`/proc/${pid}/status`, 'utf8')
  );
  return Number(line[1]) * 1024;
}

/** Whether this machine tells any of that. */
export const canMeasureProcesses = process.platform === 'linux';
