import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rehearseScenario } from '../support/rehearsals.ts';

/** Longest that one of these scenarios may take. */
const LIMIT = 300_000;

/** Everything of the example system is on, and users are let in. */
const OPEN = {
  database: 'available',
  servers: {
    'i-0a1b2c3d4e5f60718': 'running',
    'i-0b1c2d3e4f5061728': 'running',
    'i-0c1d2e3f405162738': 'running',
  },
  locks: [],
  maintenance: false,
};

const USERS = ['all-sales@example.com', 'service-desk@example.com', 'partners@example.com'];

describe('a weekend: a shutdown with a promise, and the start-up that keeps it', { timeout: LIMIT }, () => {
  it('brings back what was put away, opens at the promised time, and tells everybody once', async () => {
    const rehearsed = await rehearseScenario({ action: 'cycle', input: { reason: 'Weekend shutdown' } });
    const { broken, exitCode, record, shutdown, out, notices, mails } = rehearsed;

    expect({ broken, exitCode, first: shutdown?.broken }).toEqual({ broken: [], exitCode: 0, first: [] });
    expect(shutdown?.record).toMatchObject({ outcome: 'succeeded', snapshot: { verified: true } });
    expect(record).toMatchObject({
      action: 'startup',
      outcome: 'succeeded',
      promise: shutdown?.record.promise,
      confirmation: {
        equal: true,
        tables: shutdown?.record.verification?.tables,
        rows: shutdown?.record.verification?.rows,
      },
      resources: OPEN,
    });
    expect(new Set(Object.values(record.resources.services))).toEqual(new Set(['active']));

    // The doors open when users were promised it, not before, and not a minute late.
    const late = Date.parse(record.backAt ?? '') - Date.parse(record.promise ?? '');
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(60_000);

    // Every user hears three things, and nothing twice.
    const told = notices().map(({ event, recipient, outcome }) => `${event} ${recipient} ${outcome}`);
    for (const user of USERS)
      expect(told.filter((line) => line.includes(user))).toEqual([
        `announcement ${user} told`,
        `reminder ${user} told`,
        `back ${user} told`,
      ]);
    expect(told.filter((line) => line.includes('crm-operations'))).toEqual([
      'shut-down crm-operations@example.com told',
      'started-up crm-operations@example.com told',
    ]);
    const [announcement = ''] = mails('announcement');
    const [promised = ''] = /Back again: (.+)/.exec(announcement)?.slice(1) ?? [];
    expect(promised).toMatch(/^\w+, \d{4}-\d\d-\d\d \d\d:\d\d \(Asia\/Shanghai, GMT\+8\)/);
    const [operators = ''] = mails('started-up');
    expect(operators).toContain(`Promised: ${promised}`);
    expect(operators).toContain('Kept: as promised');
    expect(operators).toContain('exactly as they were put away');

    const report = readFileSync(join(out, 'report.html'), 'utf8');
    for (const words of ['First half: the shutdown', 'Second half: the start-up', 'As they were put away'])
      expect(report).toContain(words);
    expect(report).toContain(shutdown?.record.snapshot?.identifier);
    expect(report).toContain(shutdown?.record.runId);
  });
});

describe('a CRM that writes as soon as it is up', { timeout: LIMIT }, () => {
  it('is confirmed all the same, since its data are compared before any server starts', async () => {
    const { broken, record, calls } = await rehearseScenario({
      action: 'startup',
      faults: [{ world: 'intake-writes-at-start' }],
    });

    expect({ broken, outcome: record.outcome, unused: record.unusedFaults }).toEqual({
      broken: [],
      outcome: 'succeeded',
      unused: [],
    });
    expect(record.confirmation).toMatchObject({ equal: true });
    const started = calls().findIndex(({ operation }) => operation === 'StartInstances');
    expect(started).toBeGreaterThan(0);
    const confirmed = record.steps.find(({ name }) => name === 'Confirm the data');
    expect(Date.parse(confirmed?.endedAt ?? '')).toBeLessThanOrEqual(Date.parse(calls()[started]?.at ?? ''));
  });
});
