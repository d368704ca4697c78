import { localTime, type NoticeFacts, type NoticeText, type WatchNoticeKind } from './notice.ts';
import { inLanguage } from './words.ts';

const AUTOMATIC =
  'This message was sent by Lights Out, which watches the system while it is meant to be off.';

const TIDY = 'This message was sent by Lights Out, which tidies up after its runs.';

const states = (facts: NoticeFacts): { label: string; value: string }[] =>
  (facts.resources ?? []).map((resource) => ({ label: resource.name, value: resource.state }));

const about = (facts: NoticeFacts): { label: string; value: string }[] => [
  ...(facts.at === undefined ? [] : [{ label: 'Seen', value: localTime(facts.at, facts.timeZone, 'en') }]),
  { label: 'Off since run', value: facts.runId },
];

const release = (facts: NoticeFacts): string =>
  `When ${facts.displayName} is to be used again, say so first: lights-out release --system ${facts.system}. Until then it is meant to be off.`;

/** What the watch tells the operators, in English. */
export const englishWatch: Record<WatchNoticeKind, (facts: NoticeFacts) => NoticeText> = {
  'kept-stopped': (facts) => ({
    ...(facts.finishedBy === undefined ? stoppedAgain(facts) : finished(facts)),
    facts: [...states(facts), ...about(facts)],
    closing: AUTOMATIC,
  }),
  'started-by-hand': (facts) => ({
    subject: `${facts.displayName} is meant to be off, but somebody started ${list(facts)}`,
    heading: `Somebody started ${list(facts)}`,
    paragraphs: [
      `${facts.displayName} is meant to be off. ${facts.startedBy === undefined ? 'Who started it is not known: CloudTrail knows it some minutes later.' : `Started by ${facts.startedBy}.`}`,
      facts.stoppedAgain === true
        ? 'By the policy of this system (drift: "stop") it is being stopped again.'
        : `Nothing is done about it: ${
            facts.aborted === true
              ? 'that shutdown was stopped by hand on its way, so what people start stays on'
              : 'the policy of this system is to tell you (drift: "notify")'
          }. It costs money while it is on, and what is written to the database now is in no verified backup.`,
      release(facts),
    ],
    facts: [...states(facts), ...about(facts)],
    closing: AUTOMATIC,
  }),
  swept: (facts) => ({
    subject: `${facts.displayName}: what a run had left behind is deleted`,
    heading: `${facts.displayName}: what a run had left behind is deleted`,
    paragraphs: [
      'A copy that a run had made of the database or of a server’s volume was still there although its run was over. It cost money; it is being deleted. Nothing of the system itself was touched.',
      ...(facts.problems ?? []).map((words) => inLanguage(words, 'en')),
    ],
    facts: [...states(facts), { label: 'Run', value: facts.runId }],
    closing: TIDY,
  }),
  retained: (facts) => ({
    subject: `${facts.displayName}: old verified snapshots are deleted`,
    heading: `${facts.displayName}: old verified snapshots are deleted`,
    paragraphs: [
      'By the policy of this system (retention) newer verified snapshots take their place. The evidence of their runs stays.',
      ...(facts.problems ?? []).map((words) => inLanguage(words, 'en')),
    ],
    facts: [...states(facts), { label: 'Run', value: facts.runId }],
    closing: TIDY,
  }),
};

function stoppedAgain(facts: NoticeFacts): Pick<NoticeText, 'subject' | 'heading' | 'paragraphs'> {
  return {
    subject: `${facts.displayName}: ${list(facts)} was started and is stopped again`,
    heading: `${list(facts)} is stopped again`,
    paragraphs: [
      facts.startedBy === undefined && facts.forced === true
        ? 'RDS starts a stopped database by itself after seven days. The system is meant to be off, so Lights Out has stopped it again. Nothing else changed, and there is nothing to do.'
        : 'It had been started while the system is meant to be off. By the policy of this system (drift: "stop") Lights Out has stopped it again.',
      release(facts),
    ],
  };
}

function finished(facts: NoticeFacts): Pick<NoticeText, 'subject' | 'heading' | 'paragraphs'> {
  return {
    subject: `${facts.displayName} is completely off now`,
    heading: `${facts.displayName} is completely off now`,
    paragraphs: [
      `What the shutdown had left on is off, as ${facts.finishedBy} asked (lights-out finish). ${facts.started?.length === 0 ? 'It was found off.' : `Switched off: ${list(facts)}.`}`,
      'What was written to the database after the shutdown, if anything was, is in no verified backup. It is still in the database.',
      release(facts),
    ],
  };
}

function list({ started = [] }: NoticeFacts): string {
  return started.join(', ');
}
