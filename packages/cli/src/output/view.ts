import { type KubeObject, stringifyYaml } from "@capstan/kube";
import { CommandError, exitCode } from "../exit-code.js";
import { objectName } from "../kinds.js";
import { formatTable } from "./table.js";

/** How `-o` may ask for a result. Nothing asked: a table or text for people. */
export type OutputFormat = "text" | "wide" | "json" | "yaml" | "name";

export interface ViewColumn {
  readonly header: string;
  readonly cell: (object: KubeObject) => string;
  /** Shown with `-o wide` only. */
  readonly wide?: boolean;
}

/** What a command found, before anybody decided how to print it. */
export type View =
  /** Objects of the API, with the table that shows them. */
  | {
      readonly kind: "objects";
      readonly objects: readonly KubeObject[];
      readonly columns: readonly ViewColumn[];
      readonly single?: boolean;
    }
  /** Plain data with a rendering for people. */
  | { readonly kind: "document"; readonly value: unknown; readonly text: string }
  /** Several of them, one after the other with an empty line between. */
  | { readonly kind: "sections"; readonly sections: readonly Extract<View, { kind: "objects" }>[] };

/** Reads the value of `-o`; throws `CommandError` for a format that does not exist. */
export function parseOutputFormat(value: string | undefined): OutputFormat {
  switch (value) {
    case undefined:
      return "text";
    case "wide":
    case "json":
    case "yaml":
    case "name":
      return value;
    default:
      throw new CommandError(
        `unknown output format ${JSON.stringify(value)}: use json, yaml, name or wide`,
        exitCode.usage,
      );
  }
}

/** The text of a view in a format, with a line end at its end unless it is empty. */
export function renderView(view: View, format: OutputFormat): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(dataOf(view), null, 2)}\n`;
    case "yaml":
      return stringifyYaml(dataOf(view));
    case "name":
      return namesOf(view)
        .map((name) => `${name}\n`)
        .join("");
    default:
      return textOf(view, format === "wide");
  }
}

function objectsOf(view: View): readonly KubeObject[] {
  if (view.kind === "objects") return view.objects;
  return view.kind === "sections" ? view.sections.flatMap((section) => section.objects) : [];
}

function dataOf(view: View): unknown {
  if (view.kind === "document") return view.value;
  const objects = objectsOf(view);
  if (view.kind === "objects" && view.single === true && objects.length === 1) return objects[0];
  return { apiVersion: "v1", kind: "List", metadata: {}, items: objects };
}

function namesOf(view: View): readonly string[] {
  if (view.kind !== "document") return objectsOf(view).map(objectName);
  throw new CommandError("this command has no -o name", exitCode.usage);
}

function textOf(view: View, wide: boolean): string {
  switch (view.kind) {
    case "document":
      return view.text;
    case "objects":
      return tableOf(view, wide);
    case "sections":
      return view.sections
        .filter((section) => section.objects.length > 0)
        .map((section) => tableOf(section, wide))
        .join("\n");
  }
}

function tableOf(view: Extract<View, { kind: "objects" }>, wide: boolean): string {
  const columns = view.columns.filter((column) => wide || column.wide !== true);
  return formatTable(
    columns.map((column) => column.header),
    view.objects.map((object) => columns.map((column) => column.cell(object))),
  );
}
