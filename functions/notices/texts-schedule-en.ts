import { localTime, type NoticeFacts, type NoticeText, type ScheduleNoticeKind } from './notice.ts';

const CLOSING = 'This message was sent by Lights Out, which starts the runs of the schedule.';

const facts = ({ at, timeZone }: NoticeFacts): { label: string; value: string }[] =>
  at === undefined ? [] : [{ label: 'Planned for', value: localTime(at, timeZone, 'en') }];

const what = ({ scheduled }: NoticeFacts): string => (scheduled === 'startup' ? 'start-up' : 'shutdown');

const state = ({ scheduled }: NoticeFacts): string =>
  scheduled === 'startup' ? 'Nothing was started.' : 'Nothing was touched, and no user was told of it.';

/** What the planner tells, in English. */
export const englishSchedule: Record<ScheduleNoticeKind, (facts: NoticeFacts) => NoticeText> = {
  'schedule-missed': (given) => ({
    subject: `Please look: the planned ${what(given)} of ${given.displayName} is not made`,
    heading: `The planned ${what(given)} of ${given.displayName} is not made`,
    paragraphs: [...(given.why === undefined ? [] : [given.why.en]), state(given)],
    facts: facts(given),
    closing: CLOSING,
  }),
  'schedule-skipped': (given) => ({
    subject: `${given.displayName}: the planned ${what(given)} is left out this time`,
    heading: `The planned ${what(given)} of ${given.displayName} is left out this time`,
    paragraphs: [
      ...(given.why === undefined ? [] : [given.why.en]),
      `${state(given)} The next time of the schedule stays as it is.`,
    ],
    facts: facts(given),
    closing: CLOSING,
  }),
};
