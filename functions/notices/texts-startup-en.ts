import { aboutRun, aboutRunForUsers, fact } from './about-run.ts';
import { duration, localTime, type NoticeFacts, type NoticeText, type StartupNoticeKind } from './notice.ts';
import { inLanguage } from './words.ts';

const AUTOMATIC = 'This message was sent by Lights Out, which brings the system back.';

const time = (iso: string, facts: NoticeFacts): string => localTime(iso, facts.timeZone, 'en');
const forUsers = (facts: NoticeFacts) => aboutRunForUsers(facts, 'en');

const forOperators = (facts: NoticeFacts): { label: string; value: string }[] => [
  ...(facts.resources ?? []).map(({ name, state }) => ({ label: name, value: state })),
  ...fact('Report', facts.report),
  ...aboutRun(facts, 'en'),
];

/** The promise against what came. */
const promise = ({ backAt, openedAt, ...facts }: NoticeFacts): { label: string; value: string }[] => {
  if (backAt === undefined) return [];
  const late = openedAt === undefined ? 0 : (Date.parse(openedAt) - Date.parse(backAt)) / 1000;
  const words = late > 60 ? `${duration(late, 'en')} later than promised` : 'as promised';
  return [
    { label: 'Promised', value: localTime(backAt, facts.timeZone, 'en') },
    ...(openedAt === undefined ? [] : [{ label: 'Kept', value: words }]),
  ];
};

const problems = (facts: NoticeFacts): string[] =>
  (facts.problems ?? []).map((words) => inLanguage(words, 'en'));

/** What a start-up tells, in English. */
export const englishStartup: Record<StartupNoticeKind, (facts: NoticeFacts) => NoticeText> = {
  back: (facts) => ({
    subject: `${facts.displayName} is available again`,
    heading: `${facts.displayName} is available again`,
    paragraphs: ['Sign in and go on working.'],
    facts: [
      ...fact('Open since', facts.openedAt === undefined ? undefined : time(facts.openedAt, facts)),
      ...promise(facts),
      ...forUsers(facts),
    ],
    closing: AUTOMATIC,
  }),
  late: (facts) => ({
    subject: `${facts.displayName} will be back later than promised`,
    heading: `${facts.displayName} will be back later than promised`,
    paragraphs: [
      facts.backAt === undefined
        ? 'It is not available yet.'
        : `It was to be back on ${time(facts.backAt, facts)}. That will not be kept.`,
      'You need not do anything. You will be told as soon as it is available again.',
    ],
    facts: forUsers(facts),
    closing: AUTOMATIC,
  }),
  'started-up': (facts) => ({
    subject: `${facts.displayName} is on and open`,
    heading: `${facts.displayName} is on and open`,
    paragraphs: [
      ...(facts.confirmation === undefined ? [] : [facts.confirmation.en]),
      'Database, servers and services were seen up, and users are let in.',
      ...problems(facts),
    ],
    facts: [
      ...fact('Open since', facts.openedAt === undefined ? undefined : time(facts.openedAt, facts)),
      ...promise(facts),
      ...forOperators(facts),
    ],
    closing: AUTOMATIC,
  }),
  'already-on': (facts) => ({
    subject: `${facts.displayName} is on already: nothing was done`,
    heading: `${facts.displayName} is on already`,
    paragraphs: [
      'The run found the database and every server running, and users let in. It changed nothing and told no user.',
    ],
    facts: [
      ...fact('Open since', facts.openedAt === undefined ? undefined : time(facts.openedAt, facts)),
      ...forOperators(facts),
    ],
    closing: AUTOMATIC,
  }),
  'partly-on': (facts) => ({
    subject: `Please act: ${facts.displayName} is ${facts.doorsOpen === true ? 'open, but not completely on' : 'not open'}`,
    heading: `${facts.displayName} needs a person`,
    paragraphs: [
      `${facts.doorsOpen === true ? 'Users may be in already, but not everything was seen up at the end.' : 'The start-up ended before users could be let in.'} What it had started stays on, and nothing stops it again. The states are below.`,
      `${facts.error ?? 'unknown'}: ${facts.cause ?? ''}`,
      ...(facts.confirmation === undefined ? [] : [facts.confirmation.en]),
      ...problems(facts),
      ...(facts.nextStep === undefined ? [] : [`What to do next: ${facts.nextStep.en}`]),
    ],
    facts: [...promise(facts), ...forOperators(facts)],
    closing: AUTOMATIC,
  }),
  'startup-not-begun': (facts) => ({
    subject: `The start-up of ${facts.displayName} did not begin: ${facts.error ?? 'unknown'}`,
    heading: `The start-up of ${facts.displayName} did not begin`,
    paragraphs: [
      'Nothing was started, and users are not let in.',
      `${facts.error ?? 'unknown'}: ${facts.cause ?? ''}`,
      ...(facts.nextStep === undefined ? [] : [`What to do next: ${facts.nextStep.en}`]),
    ],
    facts: [...promise(facts), ...forOperators(facts)],
    closing: AUTOMATIC,
  }),
};
