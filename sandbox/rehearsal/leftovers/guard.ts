import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { processMark } from './process-mark.ts';

let watchdog: ChildProcess | undefined;

/**
 * Has a process of its own wait for the end of this one, to end its database servers and services and to delete its folders: a process that
 * is killed cannot do that itself. Once for a process, however often it is called. Should the watchdog be killed too, the next rehearsal
 * finds what is left.
 */
export function guard(): void {
  if (watchdog !== undefined) return;
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./watchdog.ts', import.meta.url)), processMark()],
    {
      // A session of its own: what is sent to the whole group of the rehearsal, as Ctrl-C is, does not reach it.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'] },
    },
  );
  watchdog = child;
  // Without one the next rehearsal cleans up, as after a kill of both.
  child.once('error', () => {
    watchdog = undefined;
  });
  child.unref();
  const pipe = child.stdin as (typeof child.stdin & { unref?: () => void }) | null;
  pipe?.on('error', () => undefined);
  pipe?.unref?.();
}
