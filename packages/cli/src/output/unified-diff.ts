const CONTEXT = 3;
/** Past this many lines on both sides a diff says only that everything changed. */
const MAX_CELLS = 4_000_000;

interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** The lines in which two texts differ, with three lines around them, as `diff -u` prints hunks without heads. */
export function unifiedDiff(before: string, after: string): string {
  const lines = compare(linesOf(before), linesOf(after));
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((line) => line.mark !== " "),
  );
  let text = "";
  lines.forEach((line, index) => {
    if (near[index] !== true) return;
    if (index > 0 && near[index - 1] !== true) text += "@@\n";
    text += `${line.mark}${line.text}\n`;
  });
  return text;
}

function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** The longest common subsequence, by dynamic programming from the end. */
function compare(a: readonly string[], b: readonly string[]): readonly Line[] {
  if (a.length * b.length > MAX_CELLS) {
    return [...a.map((text): Line => ({ mark: "-", text })), ...b.map((text): Line => ({ mark: "+", text }))];
  }
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left !== undefined && left === right) {
      lines.push({ mark: " ", text: left });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ mark: "-", text: left });
      i += 1;
    } else if (right !== undefined) {
      lines.push({ mark: "+", text: right });
      j += 1;
    }
  }
  return lines;
}
