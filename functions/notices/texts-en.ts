import { counted } from '../contract/counted.ts';
import { isShutOut } from '../contract/errors.ts';
import { aboutRun, aboutRunForUsers, fact } from './about-run.ts';
import { duration, localTime, type NoticeFacts, type NoticeKind, type NoticeText } from './notice.ts';
import { englishProof } from './texts-proof-en.ts';
import { englishSchedule } from './texts-schedule-en.ts';
import { englishStartup } from './texts-startup-en.ts';
import { englishWatch } from './texts-watch-en.ts';
import { inLanguage } from './words.ts';

const time = (iso: string | undefined, facts: NoticeFacts): string =>
  iso === undefined ? 'now' : localTime(iso, facts.timeZone, 'en');
const span = (seconds: number | undefined): string =>
  seconds === undefined ? 'unknown' : duration(seconds, 'en');
const about = (facts: NoticeFacts) => aboutRun(facts, 'en');
const forUsers = (facts: NoticeFacts) => aboutRunForUsers(facts, 'en');

/** The promise. Without one nobody guesses. */
const back = (facts: NoticeFacts): { label: string; value: string } => ({
  label: 'Back again',
  value: facts.backAt === undefined ? 'will be announced' : time(facts.backAt, facts),
});

const SAVE =
  'Please save your work and sign out before then. Sessions that are still open can hold up or call off the shutdown.';
const AUTOMATIC = 'This message was sent by Lights Out, which shuts the system down safely.';

const actualAgainstExpected = (facts: NoticeFacts): { label: string; value: string }[] =>
  facts.actualSeconds === undefined
    ? []
    : [{ label: 'Took', value: `${span(facts.actualSeconds)} (expected ${span(facts.expectedSeconds)})` }];

const states = (facts: NoticeFacts): { label: string; value: string }[] =>
  (facts.resources ?? []).map((resource) => ({ label: resource.name, value: resource.state }));

/** The findings of the last look, the differences of copy and source, and the next step. */
const found = (facts: NoticeFacts): string[] => [
  ...(facts.differences?.en ?? []),
  ...(facts.lastLook?.en ?? []),
  ...(facts.nextStep?.en === undefined ? [] : [`What to do next: ${facts.nextStep?.en}`]),
];

const interrupted = (facts: NoticeFacts): string[] =>
  facts.interrupted === undefined ? [] : [`The execution did not end by itself. ${facts.interrupted}.`];

/** The notices in English. */
export const english: Record<NoticeKind, (facts: NoticeFacts) => NoticeText> = {
  ...englishWatch,
  ...englishSchedule,
  ...englishStartup,
  ...englishProof,
  announcement: (facts) => ({
    subject: `${facts.displayName} will be shut down: ${time(facts.at, facts)}`,
    heading: `${facts.displayName} will be shut down`,
    paragraphs:
      facts.emergency === true
        ? [
            `${facts.displayName} is being shut down now, in an emergency. Save your work and sign out at once.`,
          ]
        : [`${facts.displayName} will be shut down as planned and will then not be available.`, SAVE],
    facts: [
      { label: 'Begins', value: time(facts.at, facts) },
      back(facts),
      { label: 'Until it is off', value: `about ${span(facts.expectedSeconds)}` },
      ...about(facts),
    ],
    closing: `${facts.unverified === true ? 'Your data is backed up' : 'Your data is backed up, and the backup is checked,'} before anything is switched off. ${AUTOMATIC}`,
  }),
  emergency: (facts) => ({
    subject: `Emergency: ${facts.displayName} is being shut down now`,
    heading: `${facts.displayName} is being shut down now`,
    paragraphs: [
      'Somebody has asked for it as an emergency: users are told at once and are not waited for.',
      facts.unverified === true
        ? 'The backup of this run is not restored and compared before the database is stopped.'
        : 'The backup is restored and compared before the database is stopped, as always.',
    ],
    facts: [...about(facts)],
    closing: AUTOMATIC,
  }),
  reminder: (facts) => ({
    subject: `Reminder: ${facts.displayName} will be shut down at ${time(facts.at, facts)}`,
    heading: `Reminder: ${facts.displayName} will soon be shut down`,
    paragraphs: [SAVE],
    facts: [
      { label: 'Begins', value: time(facts.at, facts) },
      back(facts),
      { label: 'Until it is off', value: `about ${span(facts.expectedSeconds)}` },
      ...about(facts),
    ],
    closing: AUTOMATIC,
  }),
  'approval-request': (facts) => ({
    subject: `Please decide: shutdown of ${facts.displayName} at ${time(facts.at, facts)}`,
    heading: `A shutdown of ${facts.displayName} waits for your approval`,
    paragraphs: [
      'Nothing has been touched and nobody has been told yet. Without an answer in time the run ends and nothing happens.',
      `Answer with one command: lights-out approve ${facts.execution ?? ''} or lights-out deny ${facts.execution ?? ''}. The requester cannot approve their own run.`,
      ...(facts.approvalsNeeded === 2
        ? ['Nobody has proved who asked for this run: two different people have to approve it.']
        : []),
      ...(facts.unverified === true
        ? [
            'Without proof: the backup of this run is not restored and compared before the database is stopped.',
          ]
        : []),
      ...(facts.warnings ?? []).map((warning) => `Note: ${warning}.`),
    ],
    facts: [
      { label: 'Begins', value: time(facts.at, facts) },
      { label: 'Until it is off', value: `about ${span(facts.expectedSeconds)}` },
      { label: 'Answer by', value: time(facts.expiresAt, facts) },
      ...about(facts),
    ],
    closing: AUTOMATIC,
  }),
  'shut-down': (facts) => ({
    subject: `${facts.displayName} is off, its backup is ${facts.tables === undefined ? 'taken (not verified)' : 'verified'}`,
    heading: `${facts.displayName} is completely off`,
    paragraphs: [
      facts.tables === undefined
        ? 'A snapshot was taken. It was not verified: the run was told not to (verification "none").'
        : `The snapshot was restored to a test instance and compared with the source: ${counted(facts.tables, 'table')}, ${counted(facts.rows ?? 0, 'row')}, no difference. The test instance is deleted.`,
      ...found(facts),
      ...(facts.interrupted === undefined
        ? []
        : [
            `The execution did not end by itself. ${facts.interrupted}. By then everything had been asked to stop, and it is off now: start it by hand if it is to be on.`,
          ]),
    ],
    facts: [
      ...fact('Snapshot', facts.snapshot),
      ...actualAgainstExpected(facts),
      ...states(facts),
      ...fact('Report', facts.report),
      ...about(facts),
    ],
    closing: AUTOMATIC,
  }),
  'already-off': (facts) => ({
    subject: `${facts.displayName} is off already: nothing was done`,
    heading: `${facts.displayName} is off already`,
    paragraphs: [
      `The run found the database and every server stopped, by run ${facts.alreadyOff?.run ?? 'unknown'}. It changed nothing and told no user.`,
      facts.alreadyOff?.verified === true
        ? 'The backup is that run’s: its snapshot was compared with the source then, and is still there.'
        : 'The backup is that run’s: its snapshot is still there. It was not verified: that run was told not to.',
      ...(facts.alreadyOff?.startedSince === true
        ? [
            'Since then something was started and stopped again. What was written meanwhile is not in that backup.',
          ]
        : []),
      ...found(facts),
    ],
    facts: [
      ...fact('Off since', facts.alreadyOff === undefined ? undefined : time(facts.alreadyOff.since, facts)),
      ...fact('Snapshot', facts.alreadyOff?.snapshot),
      ...states(facts),
      ...fact('Report', facts.report),
      ...about(facts),
    ],
    closing: AUTOMATIC,
  }),
  'rolled-back': (facts) => ({
    subject: `${facts.displayName} was not shut down and is available again`,
    heading: `${facts.displayName} is available again`,
    paragraphs: [
      'The shutdown was called off and everything that had been stopped was started again. You can go on working.',
      ...(facts.error === undefined ? [] : [`What happened: ${facts.error}. ${facts.cause ?? ''}`]),
      ...found(facts),
      ...interrupted(facts),
    ],
    facts: [...states(facts), ...fact('Report', facts.report), ...about(facts)],
    closing: AUTOMATIC,
  }),
  'called-off': (facts) => ({
    subject: `The announced shutdown of ${facts.displayName} does not take place`,
    heading: `The announced shutdown of ${facts.displayName} does not take place`,
    paragraphs: [
      facts.availableAgain === true
        ? `${facts.displayName} is available again: sign in and go on working. Should it be shut down later, you will be told the new time.`
        : 'You can go on working. Should it be shut down later, you will be told the new time.',
    ],
    facts: forUsers(facts),
    closing: AUTOMATIC,
  }),
  'not-begun': (facts) => ({
    subject: `The shutdown of ${facts.displayName} did not begin: ${facts.error ?? 'unknown'}`,
    heading: `The shutdown of ${facts.displayName} did not begin`,
    paragraphs: [
      'Nothing was stopped.',
      `${facts.error ?? 'unknown'}: ${facts.cause ?? ''}`,
      ...found(facts),
      ...interrupted(facts),
    ],
    facts: [...states(facts), ...fact('Report', facts.report), ...about(facts)],
    closing: AUTOMATIC,
  }),
  'partly-off': (facts) => ({
    subject: `Please act: ${facts.displayName} is not completely ${facts.error === 'PartlyOff' ? 'off' : 'back'}`,
    heading: `${facts.displayName} needs a person`,
    paragraphs: [
      facts.error === 'PartlyOff'
        ? `${facts.unverified === true ? 'A snapshot was taken (not verified, as the run was told)' : 'The backup is verified'}, but not everything could be switched off. The states are below.`
        : isShutOut(facts.error)
          ? 'The run had been stopped and cleaned up before, and was continued. It left the system to those who have it now. The states are below.'
          : 'The shutdown failed, and not everything could be brought back by itself. The states are below.',
      `${facts.error ?? 'unknown'}: ${facts.cause ?? ''}`,
      ...found(facts),
      ...interrupted(facts),
      ...(facts.problems ?? []).map((words) => inLanguage(words, 'en')),
      ...(facts.finish === undefined
        ? []
        : [
            facts.error === 'PartlyOff'
              ? `To switch off what is left, when the cause is mended and nothing was started meanwhile: ${facts.finish}`
              : `To start what is down and let users in, when the cause is mended: ${facts.finish}`,
          ]),
      ...(facts.byHand ?? []).map((command) => `Or by hand: ${command}`),
    ],
    facts: [
      ...states(facts),
      ...fact('Snapshot', facts.snapshot),
      ...fact('Report', facts.report),
      ...about(facts),
    ],
    closing: AUTOMATIC,
  }),
};
