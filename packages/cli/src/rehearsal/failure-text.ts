import type { ApiError, KubeObject } from "@capstan/kube";

/** What the API says of an object that it refuses; values of Secrets are left out. */
export function failureText(error: ApiError, object: KubeObject): string {
  const { kind, apiVersion } = object;
  if (kind !== "Secret" || apiVersion !== "v1") return error.message;
  return error.message
    .replace(/(Invalid value: )("(?:[^"\\]|\\.)*"|\S+)/g, '$1"***"')
    .replace(/(\{Value:)[^}]*\}/g, "$1***}");
}
