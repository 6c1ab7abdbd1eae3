/**
 * The same items, the next of which is already asked for while one is worked on. So two of them are in memory.
 *
 * @throws whatever the items do, where they would have thrown it
 */
export async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = items.next();
      // It is told when its turn comes. If that never comes, nobody wants to know.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await next.catch(() => undefined);
    await items.return(undefined);
  }
}
