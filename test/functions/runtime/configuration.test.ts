import { describe, expect, it, vi } from 'vitest';
import { configurationVersion, readConfiguration } from '../../../functions/runtime/configuration.ts';
import { largestSystem } from '../../shapes.ts';
import { deployConfiguration, systemInput } from '../fixtures.ts';

describe('the configuration of a system', () => {
  it('is read with its defaults filled in', async () => {
    deployConfiguration(JSON.stringify(systemInput()));

    const config = await readConfiguration();

    expect(config.name).toBe('crm');
    expect(config.drain).toMatchObject({ policy: 'abort', timeoutMinutes: 15 });
    expect(config.notices.leadMinutes).toEqual([30, 10]);
  });

  it('holds 500 servers, 2,000 services and 10,000 users', async () => {
    deployConfiguration(JSON.stringify(largestSystem()));

    const { servers, services, notices } = await readConfiguration();

    expect([servers.length, services.length, notices.users.length]).toEqual([500, 2000, 10_000]);
  });

  it('has a version that changes with any of its values, and with nothing else', async () => {
    deployConfiguration(JSON.stringify(systemInput()));
    const config = await readConfiguration();

    expect(configurationVersion(config)).toMatch(/^[0-9a-f]{12}$/);
    expect(configurationVersion(await readConfiguration())).toBe(configurationVersion(config));
    expect(configurationVersion({ ...config, displayName: 'another' })).not.toBe(
      configurationVersion(config),
    );
  });

  it.each([
    ['an unknown key', { colour: 'blue' }, 'system.colour: unknown key'],
    [
      'a wrong time zone',
      { timeZone: 'Mars/Olympus' },
      'system.timeZone: found "Mars/Olympus", expected the name of an IANA time zone',
    ],
    ['a service on no server', { services: [{ name: 'x', server: 'db-9' }] }, 'system.services[0].server'],
  ])('is refused with the path of %s', async (_what, change, expected) => {
    deployConfiguration(JSON.stringify({ ...systemInput(), ...change }));

    await expect(readConfiguration()).rejects.toMatchObject({
      name: 'InvalidConfiguration',
      message: expect.stringContaining(expected),
    });
  });

  it('is refused when it is no JSON', async () => {
    deployConfiguration('{');

    await expect(readConfiguration()).rejects.toMatchObject({
      name: 'InvalidConfiguration',
      message: expect.stringContaining('configuration.json'),
    });
  });

  it('is refused when the file is missing', async () => {
    deployConfiguration('{}');
    vi.stubEnv('CONFIGURATION_FILE', 'another.json');

    await expect(readConfiguration()).rejects.toMatchObject({
      name: 'InvalidConfiguration',
      message: expect.stringContaining('another.json'),
    });
  });
});
