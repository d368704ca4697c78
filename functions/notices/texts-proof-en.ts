import { counted } from '../contract/counted.ts';
import { aboutRun, fact } from './about-run.ts';
import { duration, type NoticeFacts, type NoticeText, type ProofNoticeKind } from './notice.ts';
import { inLanguage } from './words.ts';

const AUTOMATIC = 'This message was sent by Lights Out, which shuts the system down safely.';
const UNTOUCHED = 'Nothing was stopped, and no user was told.';

const took = ({ actualSeconds }: NoticeFacts): { label: string; value: string }[] =>
  fact('Took', actualSeconds === undefined ? undefined : duration(actualSeconds, 'en'));

/** The notices of a run that only proves a backup, in English. */
export const englishProof: Record<ProofNoticeKind, (facts: NoticeFacts) => NoticeText> = {
  proved: (facts) => ({
    subject: `A backup of ${facts.displayName} is taken and proved`,
    heading: `A backup of ${facts.displayName} is proved`,
    paragraphs: [
      `A snapshot of the running system's database was restored to a test instance and compared with the source: ${counted(facts.tables ?? 0, 'table')}, ${counted(facts.rows ?? 0, 'row')}, no difference. The test instance is deleted.`,
      ...(facts.live?.en ?? []),
      ...(facts.interrupted === undefined
        ? []
        : [`The execution did not end by itself. ${facts.interrupted}. By then the backup was proved.`]),
      `${UNTOUCHED} The files on the servers' volumes are not part of this backup.`,
    ],
    facts: [
      ...fact('Snapshot', facts.snapshot),
      ...took(facts),
      ...fact('Report', facts.report),
      ...aboutRun(facts, 'en'),
    ],
    closing: AUTOMATIC,
  }),
  'not-proved': (facts) => ({
    subject: `The backup of ${facts.displayName} is not proved: ${facts.error ?? 'unknown'}`,
    heading: `The backup of ${facts.displayName} is not proved`,
    paragraphs: [
      UNTOUCHED,
      `${facts.error ?? 'unknown'}: ${facts.cause ?? ''}`,
      ...(facts.differences?.en ?? []),
      ...(facts.nextStep?.en === undefined ? [] : [`What to do next: ${facts.nextStep.en}`]),
      ...(facts.interrupted === undefined
        ? []
        : [`The execution did not end by itself. ${facts.interrupted}.`]),
      ...(facts.problems ?? []).map((words) => inLanguage(words, 'en')),
    ],
    facts: [
      ...fact('Snapshot, not proved', facts.snapshot),
      ...fact('Report', facts.report),
      ...aboutRun(facts, 'en'),
    ],
    closing: AUTOMATIC,
  }),
};
