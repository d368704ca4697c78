import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ErrorName, LightsOutError } from '../../../../functions/contract/errors.ts';
import { ChannelUnavailableError, type Notice } from '../../../../functions/notices/channel.ts';
import { type RoomsProgress, tellRooms } from '../../../../functions/steps/announce/rooms.ts';
import { simulateTime, system, systemInput } from '../../fixtures.ts';
import { FACTS } from '../../notices/facts.ts';

/** What each room answers, by its name; a room that is not here takes the message. */
let answers: Record<string, Error>;
let told: string[];
vi.mock('../../../../functions/notices/recipients.ts', () => ({
  webhookRecipients: () =>
    ['a-room', 'b-room'].map((name) => ({
      channel: `webhook ${name}`,
      label: `webhook ${name}`,
      languages: ['en'],
      deliver: async () => {
        const error = answers[name];
        if (error !== undefined) throw error;
        told.push(name);
      },
    })),
}));

const config = system(systemInput());
const notice: Notice = { kind: 'announcement', audience: 'users', facts: FACTS, occurrence: '30' };
let progress: RoomsProgress;
let notes: string[];
const tell = () =>
  tellRooms(config, notice, progress, async () => {
    notes.push(JSON.stringify(progress.rooms));
  });

beforeEach(() => {
  answers = {};
  told = [];
  notes = [];
  progress = { sent: 0, accepted: 0 };
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

describe('telling the rooms of the users', () => {
  it('tells each once, however often the call is repeated', async () => {
    expect(await tell()).toBe(true);
    progress = JSON.parse(JSON.stringify(progress));
    expect(await tell()).toBe(true);

    expect(told).toEqual(['a-room', 'b-room']);
    expect(progress).toMatchObject({ sent: 2, accepted: 2 });
  });

  it('tries a room that is down again, for ten minutes, while the other is told at once', async () => {
    const clock = simulateTime(0);
    answers['a-room'] = new ChannelUnavailableError('webhook a-room answered HTTP 503');

    expect(await tell()).toBe(false);
    expect(told).toEqual(['b-room']);
    clock.now = 599_000;
    expect(await tell()).toBe(false);
    clock.now = 600_000;
    expect(await tell()).toBe(true);

    expect(told).toEqual(['b-room']);
    expect(progress).toMatchObject({
      accepted: 1,
      unreached: ['a-room'],
      rooms: { 'webhook a-room': 'gave-up', 'webhook b-room': 'told' },
    });
  });

  it('tells a room that comes back', async () => {
    const clock = simulateTime(0);
    answers['a-room'] = new ChannelUnavailableError('webhook a-room answered HTTP 503');
    await tell();
    clock.now = 60_000;
    answers = {};

    expect(await tell()).toBe(true);
    expect(told).toEqual(['b-room', 'a-room']);
    expect(progress.unreached).toBeUndefined();
  });

  it('does not try again what is refused, and notes each call', async () => {
    answers['a-room'] = new LightsOutError(ErrorName.ChannelRefused, 'webhook a-room answered HTTP 401');

    expect(await tell()).toBe(true);
    expect(progress.unreached).toEqual(['a-room']);
    expect(notes.at(-1)).toContain('"webhook a-room":"refused"');
  });
});
