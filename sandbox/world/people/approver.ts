import type { SentMail } from '../../aws/services/ses.ts';
import type { SimulatedClock } from '../../play/clock.ts';

/** What the second person does; `nothing`: never answers. */
export type Decision = 'approve' | 'deny' | 'nothing';

export interface ApproverOptions {
  clock: SimulatedClock;
  mails: SentMail[];
  /** What rooms were told; a request is read there too. */
  rooms?: readonly Pick<SentMail, 'kind' | 'runToAnswer'>[];
  decision: Decision;
  /** Answers through the operator API: the execution's name and the decision. */
  answer(run: string, decision: 'approve' | 'deny'): Promise<void>;
  /** Called when the request was read and is not answered. */
  onSilence(): void;
}

const LOOK_EVERY = 30_000;
const THINKS_FOR = 180_000;

/** The second person: reads the request in the mail, or in a room, and answers it through the operator API after some minutes. */
export class Approver {
  readonly #options: ApproverOptions;
  #answered = new Set<string>();
  #stopped = false;

  constructor(options: ApproverOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.clock.after(LOOK_EVERY, () => {
      if (this.#stopped) return;
      for (const mail of [...this.#options.mails, ...(this.#options.rooms ?? [])]) {
        const run = mail.runToAnswer;
        if (mail.kind !== 'approval-request' || run === undefined || this.#answered.has(run)) continue;
        this.#answered.add(run);
        const { decision } = this.#options;
        if (decision === 'nothing') {
          this.#options.onSilence();
          continue;
        }
        this.#options.clock.after(THINKS_FOR, () => {
          this.#options.answer(run, decision).catch((error: unknown) => {
            console.error(
              `sandbox: the approver could not answer: ${error instanceof Error ? error.message : String(error)}`,
            );
          });
        });
      }
      this.start();
    });
  }

  stop(): void {
    this.#stopped = true;
  }
}
