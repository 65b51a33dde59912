import { compareYamlKeys, stringifyYaml } from "@capstan/kube";
import { deepCopy, GoMap, type GoValue, toPlain } from "../value/go-value.js";
import { formatFloat } from "../value/number.js";

/** Helm's toYamlPretty: lists indented under their key, nothing folded. */
export function prettyYaml(value: GoValue): string {
  // Refuses what is too large.
  deepCopy(value);
  return lines(value).join("\n");
}

function lines(value: GoValue): string[] {
  if (value instanceof GoMap && value.size > 0) {
    return [...value.keys()].sort(compareYamlKeys).flatMap((key) => entry(`${scalar(key)}:`, value.get(key)));
  }
  if (Array.isArray(value) && value.length > 0) return value.flatMap(item);
  return scalar(value).split("\n");
}

function entry(head: string, value: GoValue): string[] {
  const inner = lines(value);
  if (isBlock(value)) return [head, ...inner.map((line) => `  ${line}`)];
  const [first = "", ...rest] = inner;
  return [
    `${head} ${first}`,
    ...rest.map((line) => (line === "" ? line : `  ${line.replace(/^ {2}/, "  ")}`)),
  ];
}

function item(value: GoValue): string[] {
  const [first = "", ...rest] = lines(value);
  return [`- ${first}`, ...rest.map((line) => (line === "" ? line : `  ${line}`))];
}

function isBlock(value: GoValue): boolean {
  return (value instanceof GoMap && value.size > 0) || (Array.isArray(value) && value.length > 0);
}

function scalar(value: GoValue): string {
  if (typeof value === "number") return formatFloat(value, 6);
  if (typeof value === "string" && !value.includes("\n") && value.length > 60) {
    return stringifyUnfolded(value);
  }
  return stringifyYaml(toPlain(value)).replace(/\n$/, "");
}

function stringifyUnfolded(value: string): string {
  return stringifyYaml(value).replace(/\n$/, "").replace(/\n +/g, " ");
}
