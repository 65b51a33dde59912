/** Values that print, copy or encode to more than memory holds: they may share parts any number of times. */
const maxNodes = 1_000_000;

/** Counts the parts of one value while it is walked. Throws RangeError for too many. */
export class NodeCount {
  private left = maxNodes;

  next(): void {
    this.left -= 1;
    if (this.left < 0) throw new RangeError("value is too large");
  }
}
