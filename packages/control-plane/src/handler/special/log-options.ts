import type { FieldError } from "../../registry/kind.js";
import type { Call } from "../call.js";
import { badRequest, invalid } from "../errors.js";

const NUMBERS = [
  { name: "sinceSeconds", least: 1, detail: "must be greater than 0" },
  { name: "tailLines", least: 0, detail: "must be greater than or equal to 0" },
  { name: "limitBytes", least: 1, detail: "must be greater than 0" },
] as const;
/** In the order in which the API server looks at them. */
const CHECKED = ["tailLines", "limitBytes", "sinceSeconds"];
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const LAYOUT = "2006-01-02T15:04:05Z07:00";

/** Throws 400 for parameters of a log that cannot be read, and 422 for those that make no sense. */
export function checkLogOptions({ query, info }: Call): void {
  for (const { name } of NUMBERS) {
    const given = query.get(name);
    if (given !== undefined && !/^[+-]?\d+$/.test(given)) {
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(given)}: invalid syntax`);
    }
  }
  const since = query.get("sinceTime");
  if (since !== undefined && !RFC_3339.test(since)) throw badRequest(timeError(since));
  const errors: FieldError[] = NUMBERS.flatMap(({ name, least, detail }) => {
    const given = query.get(name);
    if (given === undefined || Number(given) >= least) return [];
    return [{ type: "Invalid value", field: name, value: Number(given), detail }];
  });
  errors.sort((a, b) => CHECKED.indexOf(a.field) - CHECKED.indexOf(b.field));
  if (query.has("sinceSeconds") && since !== undefined) {
    const detail = "at most one of `sinceTime` or `sinceSeconds` may be specified";
    errors.push({ type: "Forbidden", field: "[]", detail });
  }
  if (query.has("stream")) {
    errors.push({ type: "Forbidden", field: "stream", detail: "may not be specified" });
  }
  if (errors.length > 0) throw invalid({ group: "", kind: "PodLogOptions" }, info.name, errors);
}

const PIECES: readonly (readonly [string, RegExp])[] = [
  ["2006", /^\d{4}/],
  ["-", /^-/],
  ["01", /^\d\d/],
  ["-", /^-/],
  ["02", /^\d\d/],
  ["T", /^T/],
  ["15", /^\d\d/],
  [":", /^:/],
  ["04", /^\d\d/],
  [":", /^:/],
  ["05", /^\d\d(?:\.\d+)?/],
  ["Z07:00", /^(?:Z|[+-]\d\d:\d\d)/],
];

/** What Go says of a time that is none: the first piece of the layout that is not there. */
function timeError(given: string): string {
  let rest = given;
  for (const [piece, pattern] of PIECES) {
    const found = pattern.exec(rest)?.[0];
    if (found === undefined) {
      const shown = `${JSON.stringify(given)} as "${LAYOUT}"`;
      return `parsing time ${shown}: cannot parse ${JSON.stringify(rest)} as "${piece}"`;
    }
    rest = rest.slice(found.length);
  }
  return `parsing time ${JSON.stringify(given)}: extra text: ${JSON.stringify(rest)}`;
}
