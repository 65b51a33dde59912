/**
 * Calls `action` for every item in batches of 1, 2, 4, … and stops after the first batch with a failure, so
 * that what fails for all is not tried for all.
 *
 * @returns what succeeded, and the first failure
 */
export async function slowStart<Item, Result>(
  items: readonly Item[],
  action: (item: Item) => Promise<Result>,
): Promise<{ readonly done: Result[]; readonly failure: unknown }> {
  const done: Result[] = [];
  let size = 1;
  for (let at = 0; at < items.length; at += size, size = Math.min(size * 2, 500)) {
    const settled = await Promise.allSettled(items.slice(at, at + size).map(action));
    let failure: unknown;
    for (const result of settled) {
      if (result.status === "fulfilled") done.push(result.value);
      else failure ??= result.reason;
    }
    if (failure !== undefined) return { done, failure };
  }
  return { done, failure: undefined };
}
