/** Rows under headers, padded with spaces as kubectl pads its tables; the last column is not padded. */
export function formatTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headers, ...rows];
  const widths = headers.map((_, column) => Math.max(...all.map((row) => displayWidth(row[column] ?? ""))));
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === headers.length - 1
            ? cell
            : cell + " ".repeat((widths[column] ?? 0) - displayWidth(cell) + 3),
        )
        .join("")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** Columns that a text takes at a terminal: escape sequences take none. */
function displayWidth(text: string): number {
  return text.replace(/\u001b\[[0-9;]*m/g, "").length;
}
