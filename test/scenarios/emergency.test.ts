import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NoticeLine } from '../../sandbox/world/notice-log.ts';
import { systems } from '../../systems.ts';
import { rehearseScenario, type Scenario } from '../support/rehearsals.ts';

const allowing = systems.map((system) => ({ ...system, emergency: {} }));
const INPUT = { emergency: true, reason: 'ransomware on app-2' };
const run = (scenario: Scenario = {}) => rehearseScenario({ systems: allowing, input: INPUT, ...scenario });

describe('an emergency', { timeout: 120_000 }, () => {
  it('begins at once, waits for nobody, and still proves the backup', async () => {
    const { record, broken, exitCode, out } = await run({ faults: [{ world: 'session-stays' }] });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'succeeded',
    });
    expect(record.verification).toMatchObject({ equal: true });
    const seconds = (name: string): number => {
      const step = record.steps.find((each) => each.name === name);
      return (Date.parse(step?.endedAt ?? '') - Date.parse(step?.startedAt ?? '')) / 1000;
    };
    expect(seconds('Announce')).toBeLessThan(60);
    expect(seconds('Drain sessions')).toBeLessThan(60);
    const lines = readFileSync(join(out, 'notices.jsonl'), 'utf8').trim().split('\n');
    const notices = lines.map((line) => JSON.parse(line) as NoticeLine);
    // The operators first, then everybody once.
    expect([...new Set(notices.map(({ event }) => event))]).toEqual([
      'emergency',
      'announcement',
      'shut-down',
    ]);
  });

  it('is refused, with nothing touched, where the configuration does not allow it', async () => {
    await expect(rehearseScenario({ input: INPUT })).rejects.toThrow(/--input\.emergency: .*systems\.ts/);
  });
});
