/** Compares by code point, which is the byte order of UTF-8. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const ca = a.charCodeAt(i);
    const cb = b.charCodeAt(i);
    if (ca === cb) continue;
    // Surrogates stand for code points above all others.
    const highA = ca >= 0xd800 && ca <= 0xdfff;
    const highB = cb >= 0xd800 && cb <= 0xdfff;
    if (highA !== highB) return highA ? 1 : -1;
    return ca - cb;
  }
  return a.length - b.length;
}
