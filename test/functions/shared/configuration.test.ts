import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../functions/shared/configuration.ts';
import { allowNothing, awsError, systemInput } from '../fixtures.ts';

const ssm = mockClient(SSMClient);

allowNothing(ssm);
beforeEach(() => {
  process.env['CONFIG_PARAMETER'] = '/lights-out/crm/config';
});

const stored = (value: string) =>
  ssm
    .on(GetParameterCommand, { Name: '/lights-out/crm/config' })
    .resolves({ Parameter: { Name: '/lights-out/crm/config', Value: value } });

describe('the configuration of a system', () => {
  it('is read with its defaults filled in', async () => {
    stored(JSON.stringify(systemInput()));

    const config = await readConfiguration();

    expect(config.name).toBe('crm');
    expect(config.drain).toMatchObject({ policy: 'abort', timeoutMinutes: 15 });
    expect(config.notices.leadMinutes).toEqual([30, 10]);
  });

  it.each([
    ['an unknown key', { colour: 'blue' }, 'system.colour: unknown key'],
    ['a wrong time zone', { timeZone: 'Mars/Olympus' }, 'system.timeZone: expected an IANA time zone'],
    ['a service on no server', { services: [{ name: 'x', server: 'db-9' }] }, 'system.services[0].server'],
  ])('is refused with the path of %s', async (_what, change, expected) => {
    stored(JSON.stringify({ ...systemInput(), ...change }));

    await expect(readConfiguration()).rejects.toMatchObject({
      name: 'InvalidConfiguration',
      message: expect.stringContaining(expected),
    });
  });

  it('is refused when it is no JSON', async () => {
    stored('{');

    await expect(readConfiguration()).rejects.toMatchObject({
      name: 'InvalidConfiguration',
      message: expect.stringContaining('/lights-out/crm/config'),
    });
  });

  it('is refused when the parameter is missing', async () => {
    ssm.on(GetParameterCommand).rejects(awsError('ParameterNotFound'));

    await expect(readConfiguration()).rejects.toMatchObject({ name: 'InvalidConfiguration' });
  });

  it('leaves an error of AWS to the workflow, which tries again', async () => {
    ssm.on(GetParameterCommand).rejects(awsError('ThrottlingException'));

    await expect(readConfiguration()).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});
