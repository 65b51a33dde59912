import { type KubeObject, stringifyYaml } from "@capstan/kube";
import { objectName } from "../kinds.js";
import { formatRow, tableWidths } from "./table.js";
import type { OutputFormat, ViewColumn } from "./view.js";

/**
 * Prints objects one after the other as they come, for `--watch`: a document each for JSON and YAML, a name,
 * or a row under headers that are printed once. A column keeps the width of the widest cell there was.
 *
 * @param measured objects whose widths count from the start
 */
export function objectStream(
  format: OutputFormat,
  columns: () => readonly ViewColumn[],
  measured: readonly KubeObject[] = [],
): { readonly head: string; next(object: KubeObject): string } {
  const visible = () => columns().filter((column) => format === "wide" || column.wide !== true);
  const row = (object: KubeObject) => visible().map((column) => column.cell(object));
  const headers = visible().map((column) => column.header);
  let widths = tableWidths([headers, ...measured.map(row)]);
  let printed = false;
  switch (format) {
    case "json":
      return { head: "", next: (object) => `${JSON.stringify(object, null, 2)}\n` };
    case "name":
      return { head: "", next: (object) => `${objectName(object)}\n` };
    case "yaml":
      return {
        head: "",
        next: (object) => {
          const text = `${printed ? "---\n" : ""}${stringifyYaml(object)}`;
          printed = true;
          return text;
        },
      };
    default:
      return {
        head: formatRow(headers, widths),
        next: (object) => {
          const cells = row(object);
          widths = tableWidths([cells], widths);
          return formatRow(cells, widths);
        },
      };
  }
}
