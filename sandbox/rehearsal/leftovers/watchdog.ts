import { setTimeout as sleep } from 'node:timers/promises';
import { presenceOf } from './process-mark.ts';
import { cleanUpAfterTheDead } from './work-folder.ts';

/** How long a process that has closed its end of the pipe may take to be gone, in milliseconds. */
const GONE_WITHIN = 10_000;
const LOOK_EVERY = 20;

/**
 * The program that a rehearsal starts beside itself (guard.ts). It waits for the end of its standard input, which comes when the rehearsal's
 * process ends in whatever way, and cleans up after it. There is nothing to clean up after one that ended by itself.
 */
const [mark = ''] = process.argv.slice(2);
process.stdin.resume();
await new Promise<void>((resolve) => process.stdin.once('close', resolve).once('end', resolve));
for (let waited = 0; presenceOf(mark) === 'living' && waited < GONE_WITHIN; waited += LOOK_EVERY)
  await sleep(LOOK_EVERY);
await cleanUpAfterTheDead();
