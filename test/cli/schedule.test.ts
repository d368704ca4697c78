import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { scheduleCommand } from '../../cli/schedule.ts';

async function printed(...argv: string[]): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  onTestFinished(() => write.mockRestore());
  expect(await scheduleCommand(argv)).toBe(0);
  return text;
}

describe('lights-out schedule next', () => {
  it('shows when users are out and back, without AWS', async () => {
    expect(await printed('next', '--system', 'crm', '--count', '3', '--from', '2026-11-26T00:00:00Z')).toBe(
      `crm (Asia/Shanghai)
  users out   Fri 2026-11-27 22:00 (+08:00)
  users back  Mon 2026-11-30 06:00 (+08:00)
  users out   Fri 2026-12-04 22:00 (+08:00)
`,
    );
  });

  it('prints the same as JSON, ten times where nothing else is said', async () => {
    const rows = JSON.parse(
      await printed('next', '--json', '--from', '2026-11-26T00:00:00+08:00'),
    ) as object[];

    expect(rows).toHaveLength(10);
    expect(rows[0]).toEqual({
      action: 'shutdown',
      at: '2026-11-27T14:00:00.000Z',
      local: '2026-11-27T22:00:00',
      offset: '+08:00',
    });
  });

  it.each([
    [[], 'what to show is missing; expected "lights-out schedule next --system NAME"'],
    [
      ['nxt'],
      'schedule "nxt": unknown; expected "lights-out schedule next --system NAME"; did you mean "next"?',
    ],
    [['next', '--count', '0'], '--count 0: expected a whole number from 1 to 1000'],
    [['next', '--count', '1e3'], '--count 1e3: expected a whole number'],
    [['next', '--from', 'tomorrow'], '--from tomorrow: expected a time in ISO 8601 with its offset'],
    [['next', '--from', '2026-11-27T00:00:00'], 'expected a time in ISO 8601 with its offset'],
    [['next', '--from', '2026-11-31T25:00:00Z'], 'expected a time in ISO 8601 with its offset'],
    [['next', '--system', 'cmr'], '--system cmr: no such system in systems.ts'],
    [['next', '--sytem', 'crm'], 'did you mean "--system"?'],
  ])('%j is bad input', async (argv, words) => {
    await expect(scheduleCommand(argv)).rejects.toThrow(words);
  });
});
