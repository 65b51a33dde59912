/** An index that cannot be used; `message` says why. */
export class IndexError extends Error {
  override readonly name = "IndexError";
}
