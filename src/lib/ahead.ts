/** While one item is worked on, one is there already, and the one after it is under way. */
const AHEAD = 2;

/**
 * The same items, of which the next ones are asked for while one is worked on. So up to three of them are in memory.
 *
 * @throws whatever the items do, where they would have thrown it
 */
export async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  const asked: Promise<IteratorResult<T>>[] = [];
  const ask = () => {
    const next = items.next();
    // It is told when its turn comes. If that never comes, nobody wants to know.
    next.catch(() => undefined);
    asked.push(next);
  };
  while (asked.length < AHEAD) ask();
  try {
    for (let next = asked.shift(); next; next = asked.shift()) {
      const { done, value } = await next;
      if (done) return;
      ask();
      yield value;
    }
  } finally {
    await Promise.allSettled(asked);
    await items.return(undefined);
  }
}
