import { describe, expect, it } from 'vitest';
import { failedStates, transitionsOf } from '../../../functions/report/history.ts';
import { partlyOff, rolledBack, succeeded } from './runs.ts';
import { Story } from './story.ts';

const from = (transitions: { from: string; to: string }[], to: string): string[] =>
  transitions.filter((transition) => transition.to === to).map((transition) => transition.from);

describe('transitions', () => {
  it('follow each branch of a parallel state by itself', () => {
    const transitions = transitionsOf(succeeded().events);

    expect(from(transitions, 'Record manifest')).toEqual(['Back up', 'Record manifest: wait']);
    expect(from(transitions, 'Take snapshot')).toEqual(['Back up', 'Take snapshot: wait']);
    expect(from(transitions, 'Restore test instance')).toContain('Back up');
    expect(from(transitions, 'Plan')).toEqual([]);
  });

  it('lead from the state that failed to what caught it', () => {
    expect(from(transitionsOf(rolledBack().events), 'Roll back')).toEqual(['Verify restore']);
  });

  it('end when the events’ ids do not go back', () => {
    const events = [
      { id: 1, previousEventId: 2, timestamp: new Date(0), type: 'TaskScheduled' as const },
      { id: 2, previousEventId: 1, timestamp: new Date(0), type: 'TaskSucceeded' as const },
      {
        id: 3,
        previousEventId: 2,
        timestamp: new Date(0),
        type: 'TaskStateEntered' as const,
        stateEnteredEventDetails: { name: 'A', input: '{}' },
      },
    ];
    expect(transitionsOf(events)).toEqual([]);
  });
});

describe('failed states', () => {
  it.each([
    ['none in a run that succeeded, though a try failed', succeeded().events, []],
    ['the state whose error was caught', rolledBack().events, ['Verify restore']],
    ['one branch past the point of no return', partlyOff().events, ['Stop servers']],
    ['none in an empty history', [], []],
    [
      'one that failed, was tried again and failed',
      new Story('2026-11-27T13:30:00Z').triedAgain('Plan', 2, 'A').failing('Announce', 1, 'B').events,
      ['Announce'],
    ],
  ])('%s', (_case, events, expected) => {
    expect(failedStates(events)).toEqual(expected);
  });
});
