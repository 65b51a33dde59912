/** Rows under headers, padded with spaces as kubectl pads its tables; the last column is not padded. */
export function formatTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headers, ...rows];
  const widths = tableWidths(all);
  return all.map((row) => formatRow(row, widths)).join("");
}

/** The width of each column: that of its widest cell, and not less than in `before`. */
export function tableWidths(
  rows: readonly (readonly string[])[],
  before: readonly number[] = [],
): readonly number[] {
  const columns = Math.max(before.length, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) =>
    Math.max(before[column] ?? 0, ...rows.map((row) => displayWidth(row[column] ?? ""))),
  );
}

/** One line of a table with its line end. */
export function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) =>
    column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - displayWidth(cell) + 3),
  );
  return `${cells.join("").trimEnd()}\n`;
}

/** Columns that a text takes at a terminal: escape sequences take none. */
function displayWidth(text: string): number {
  return text.replace(/\u001b\[[0-9;]*m/g, "").length;
}
