import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it, vi } from 'vitest';
import { type AskedInstances, askedInstances, awsError, standStill } from '../fixtures.ts';
import { folder } from './evidence.ts';
import { textOf } from './markup.ts';
import { partlyOff, rolledBack, succeeded } from './runs.ts';
import { World } from './world.ts';

vi.mock('../../../functions/contract/pause.ts', () => ({ pause: vi.fn() }));

standStill();

describe('a part of the closing that fails', () => {
  it('history: certificate and report without a timeline', async () => {
    const world = new World(succeeded());
    world.sfn.on(GetExecutionHistoryCommand).rejects(awsError('AccessDeniedException'));

    expect(await world.close()).toMatchObject({ outcome: 'succeeded', mailsSent: 1 });

    expect(textOf(world.report)).toContain('could not be read, so there is no timeline');
    expect(world.certificate['problems']).toEqual([expect.stringMatching(/^the history: /)]);
  });

  it('look at the resources: told as such, never hidden', async () => {
    const world = new World(succeeded());
    world.rds.on(DescribeDBInstancesCommand).rejects(awsError('AccessDenied', 403, 'not authorized'));

    await world.close();

    expect(world.certificate['attention']).toContainEqual({
      kind: 'not-seen',
      resource: 'database crm-db',
      state: 'could not be looked at (not authorized)',
    });
    expect(textOf(world.report)).toContain('Could not be looked at');
    expect(textOf(world.report)).toContain('Shut down, but not everything is off now');
  });

  it('an answer that is behind what the steps have seen: looked at again before a person is asked to', async () => {
    const world = new World(succeeded());
    let looks = 0;
    world.ec2.on(DescribeInstancesCommand).callsFake((input: AskedInstances) => {
      looks += 1;
      const state = { Name: looks < 4 ? 'running' : 'stopped' };
      return {
        Reservations: [{ Instances: askedInstances(input).map((id) => ({ InstanceId: id, State: state })) }],
      };
    });

    await world.close();

    expect(world.certificate['attention']).toEqual([]);
    expect(looks).toBe(4);
  });

  it('a server that really runs after the shutdown is told of as it is', async () => {
    const world = new World(succeeded());
    world.ec2.on(DescribeInstancesCommand).callsFake((input: AskedInstances) => ({
      Reservations: [
        { Instances: askedInstances(input).map((id) => ({ InstanceId: id, State: { Name: 'running' } })) },
      ],
    }));

    await world.close();

    expect(world.certificate['attention']).toContainEqual(
      expect.objectContaining({ kind: 'still-on', resource: 'server web-1', state: 'running' }),
    );
  });

  it('one server that EC2 does not know: the others are still looked at', async () => {
    const world = new World(succeeded());
    world.ec2.on(DescribeInstancesCommand).callsFake((input: AskedInstances) => {
      const known = askedInstances(input).filter((id) => id !== 'i-0a1b2c3d4e5f60718');
      return {
        Reservations: [{ Instances: known.map((id) => ({ InstanceId: id, State: { Name: 'stopped' } })) }],
      };
    });

    await world.close();

    expect(world.certificate['resources']).toEqual(
      expect.arrayContaining([
        { kind: 'server', name: 'server web-1', state: 'not there' },
        { kind: 'server', name: 'server app-1', state: 'stopped' },
      ]),
    );
  });

  it('certificate: people are told, then its error ends the closing, and the lock stays for a clean-up to close the run again', async () => {
    const world = new World(succeeded());
    world.failPuts('certificate.json', awsError('AccessDenied', 403));

    await expect(world.close()).rejects.toMatchObject({ name: 'AwsAccessDenied' });

    expect(await world.mails()).toHaveLength(1);
    expect(world.lockHeld).toBe(true);
    expect(textOf(world.report)).toContain('A part of the closing could not be done: the certificate');
  });

  it('verification evidence that cannot be read: no proof is claimed in the certificate, and the closing is tried again', async () => {
    const world = new World(succeeded());
    world.bucket.mock
      .on(GetObjectCommand, { Bucket: 'evidence', Key: `${folder}/verification.json` })
      .rejects(awsError('SlowDown', 503));

    await expect(world.close()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });

    expect(world.certificate['verification']).not.toHaveProperty('equal');
    expect(world.certificate['snapshot']).toMatchObject({ verified: false });
    // The run did prove it, so the mail must not say that it was told not to.
    const [mail] = await world.mails();
    expect(mail?.text).toContain('5 tables, 85,204 rows');
    expect(world.lockHeld).toBe(true);
  });

  it('lock: everything else is done, then its error ends the closing', async () => {
    const world = new World(succeeded());
    world.bucket.mock
      .on(GetObjectCommand, { Bucket: 'evidence', Key: 'locks/crm' })
      .rejects(awsError('AccessDenied', 403));

    await expect(world.close()).rejects.toMatchObject({ name: 'AwsAccessDenied' });

    expect(world.certificate).toMatchObject({ outcome: 'succeeded' });
    expect(textOf(world.report)).toContain('Completely off');
  });

  it('throws what may pass before what will not, so that the workflow tries again', async () => {
    const world = new World(succeeded());
    world.failPuts('certificate.json', awsError('AccessDenied', 403));
    world.bucket.mock
      .on(GetObjectCommand, { Bucket: 'evidence', Key: `${folder}/verification.json` })
      .rejects(awsError('SlowDown', 503));

    await expect(world.close()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
  });

  it('report: the lock is released and the run keeps its outcome', async () => {
    const world = new World(partlyOff());
    world.failPuts('report.html', awsError('AccessDenied', 403));
    expect(await world.close()).toMatchObject({ outcome: 'partly-off', mailsSent: 1 });
    expect(world.lockHeld).toBe(false);
  });

  it('releases the lock after everything else', async () => {
    const world = new World(rolledBack());
    await world.close();
    const keys = world.bucket.mock.calls().map((call) => (call.args[0].input as { Key?: string }).Key);
    expect(keys.slice(-2)).toEqual(['locks/crm', 'locks/crm']);
    // The first look is whether the run still has it.
    expect(keys.indexOf('locks/crm', 1)).toBe(keys.length - 2);
  });
});
