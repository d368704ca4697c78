import type { ChildProcess } from 'node:child_process';

/** Kills a process that is the head of a group of its own, with the whole group. @throws Error when it was never started. */
export function killGroup({ pid }: ChildProcess): void {
  // 0 would be this process's own group.
  if (pid === undefined) throw new Error('the process was not started');
  process.kill(-pid, 'SIGKILL');
}
