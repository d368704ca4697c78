/** Parallel calls to AWS: fast enough for 500 servers, and far below the rate that an account may use. */
const AT_ONCE = 8;

/**
 * Does the same work for each item, a few at once, and answers in the order of the items. After the first error it starts no new work and
 * waits for the running work.
 */
export async function sideBySide<Item, Answer>(
  items: readonly Item[],
  work: (item: Item) => Promise<Answer>,
  atOnce = AT_ONCE,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const queue = items.entries();
  let failed = false;
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        answers[index] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  });
  const ends = await Promise.allSettled(workers);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return answers;
}
