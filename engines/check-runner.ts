import type { CheckOptions, CheckResult } from './engine.ts';
import type { CheckProblem, NotCompared } from './manifest.ts';

/** One thing to check. */
export interface CheckItem {
  /** Name of the object in the evidence. It is unique. */
  name: string;
}

/** What an error of a check means. */
export type Verdict = { problem: string } | { notChecked: string };

export interface CheckRun<Item extends CheckItem, Connection> extends Pick<CheckOptions, 'stopAt'> {
  /** Lists of items: one statement checks one list. */
  units: Item[][];
  connect(): Promise<Connection>;
  close(connection: Connection): Promise<void>;
  /** Checks the items of one unit. @returns the damage found. */
  check(connection: Connection, items: Item[]): Promise<CheckProblem[]>;
  isConnectionProblem(error: unknown): boolean;
  /** Says what an error means for the one item of its unit. Undefined when the error says nothing about the item: it is then thrown. */
  verdict(error: unknown): Verdict | undefined;
}

/** Connections that check at the same time: as many as read. */
const CONNECTIONS = 4;

/** A server may fall over a damaged page and come back. An item that makes it fall this often is damaged. */
const FALLS = 3;

/** Checks the units on several connections, until all are done or the time is up. */
export async function runChecks<Item extends CheckItem, Connection>(
  run: CheckRun<Item, Connection>,
): Promise<Omit<CheckResult, 'method'>> {
  const left = [...run.units];
  const found = { checked: [] as string[], problems: [] as CheckProblem[], notChecked: [] as NotCompared[] };
  const falls = new Map<string, number>();
  let begun = 0;
  let failed = false;

  /** @returns false when the connection is of no more use. */
  const checkUnit = async (connection: Connection, unit: Item[]): Promise<boolean> => {
    try {
      found.problems.push(...(await run.check(connection, unit)));
      found.checked.push(...unit.map(({ name }) => name));
      return true;
    } catch (error) {
      const usable = !run.isConnectionProblem(error);
      const [item, ...others] = unit;
      if (item === undefined) return usable;
      // One item at a time, so that the evidence can name the one that failed.
      if (others.length > 0) left.push(...unit.map((each) => [each]));
      else if (usable) settle(item, run.verdict(error), error);
      else fall(item);
      return usable;
    }
  };
  const settle = ({ name }: Item, verdict: Verdict | undefined, error: unknown): void => {
    if (verdict === undefined) throw error;
    if ('problem' in verdict) found.problems.push({ object: name, problem: verdict.problem });
    else found.notChecked.push({ object: name, reason: verdict.notChecked });
    found.checked.push(name);
  };
  const fall = (item: Item): void => {
    const count = (falls.get(item.name) ?? 0) + 1;
    falls.set(item.name, count);
    if (count < FALLS) left.push([item]);
    else
      settle(
        item,
        { problem: `the server broke off the connection each of ${count} times it was checked` },
        undefined,
      );
  };

  const work = async (): Promise<void> => {
    let connection = await run.connect();
    try {
      while (!failed) {
        if (run.stopAt !== undefined && Date.now() >= run.stopAt && begun > 0) return;
        const unit = left.shift();
        if (unit === undefined) return;
        begun += 1;
        if (await checkUnit(connection, unit)) continue;
        await run.close(connection);
        connection = await run.connect();
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      await run.close(connection);
    }
  };
  const workers = Array.from({ length: Math.min(CONNECTIONS, run.units.length) }, work);
  for (const outcome of await Promise.allSettled(workers)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
  return { ...found, complete: left.length === 0 };
}
