import { ErrorName, messageOf } from '../contract/errors.ts';
import { translateAwsError } from '../runtime/aws-errors.ts';
import { log } from '../runtime/log.ts';

/** The parts of a closing. Each part goes on when another fails, and every failure is kept. */
export class Parts {
  /** A sentence for each part that failed. */
  readonly problems: string[] = [];
  readonly #essential: unknown[] = [];

  async attempt<Value>(
    part: string,
    work: () => Promise<Value>,
    weight?: 'essential',
  ): Promise<Value | undefined> {
    try {
      return await work();
    } catch (error) {
      this.failed(part, error, weight);
      return undefined;
    }
  }

  failed(part: string, error: unknown, weight?: 'essential'): void {
    log('error', `report: ${part} failed`, { reason: messageOf(error) });
    this.problems.push(`${part}: ${messageOf(error)}`);
    if (weight === 'essential') this.#essential.push(error);
  }

  throwIfEssential(): void {
    if (this.#essential.length === 0) return;
    throw this.#essential.find(mayPass) ?? this.#essential[0];
  }
}

function mayPass(error: unknown): boolean {
  return translateAwsError(error).name === ErrorName.AwsTemporarilyUnavailable;
}
