/** Prints numbers as Jobs list indexes: `1,3-5,7`; runs of two are written out. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...new Set(indexes)].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length; ) {
    let end = at;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++;
    if (end - at >= 2) parts.push(`${sorted[at]}-${sorted[end]}`);
    else for (let each = at; each <= end; each++) parts.push(String(sorted[each]));
    at = end + 1;
  }
  return parts.join(",");
}

/** Reads what {@link formatIndexes} prints, without the indexes from `below` on. Faulty parts are skipped. */
export function parseIndexes(text: string | undefined, below: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? "").split(",")) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim());
    if (match === null) continue;
    const last = Math.min(Number(match[2] ?? match[1]), below - 1);
    for (let index = Number(match[1]); index <= last; index++) indexes.add(index);
  }
  return indexes;
}
