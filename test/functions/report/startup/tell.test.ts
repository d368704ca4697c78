import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, vi } from 'vitest';
import type { StartupCertificate } from '../../../../functions/report/startup/certificate.ts';
import { tellStartup } from '../../../../functions/report/startup/tell.ts';
import { awsError, standStill, system } from '../../fixtures.ts';
import { startupRun } from '../../startup-world.ts';
import { ClosingWorld, OPENED, OPS, succeeded, USERS } from './closing.ts';

standStill('2026-11-27T14:01:00.000Z');

/** Tells of a start-up of this id, twice, as a function that is called again: it remembers in its own memory what it told. */
async function tellTwice(world: ClosingWorld, id: string): Promise<string[][]> {
  vi.spyOn(console, 'error').mockReturnValue();
  const run = startupRun({ id });
  const certificate = {
    run,
    outcome: 'succeeded',
    openedAt: OPENED,
    resources: [],
    warnings: [],
  } as unknown as StartupCertificate;
  const told: string[][] = [];
  for (const _call of [1, 2]) {
    await tellStartup(system(), { ...succeeded(), run }, certificate, 'report.html');
    told.push(await world.mailed());
  }
  return told;
}

describe('a bucket that fails while a start-up tells its end', () => {
  it.each([
    ['cannot be read', GetObjectCommand, '20261127-1330-0000000a'],
    ['cannot be stored', PutObjectCommand, '20261127-1330-0000000b'],
  ])('keeps nobody from being told, once: the mark %s', async (_what, command, id) => {
    const world = new ClosingWorld();
    world.bucket.mock
      .on(command as typeof GetObjectCommand, { Bucket: 'evidence', Key: `runs/crm/${id}/closed.json` })
      .rejects(awsError('InternalError', 500));

    const everybody = [...USERS, OPS];
    expect(await tellTwice(world, id)).toEqual([everybody, everybody]);
  });
});
