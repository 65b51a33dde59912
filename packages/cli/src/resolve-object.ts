import type { Client, ResourceInfo } from "@capstan/controller";
import { formatApiVersion, type ObjectRef, type TypeMeta } from "@capstan/kube";
import { CommandError, exitCode } from "./exit-code.js";

/**
 * Reads `KIND/NAME` of any kind that the API serves: the kind, its plural, a short name, or one of them with
 * the group (`deployment.apps/web`), as kubectl takes it. Rejects with `CommandError` otherwise.
 */
export async function resolveObject(
  client: Client,
  text: string,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<ObjectRef> {
  const slash = text.indexOf("/");
  const word = text.slice(0, slash).toLowerCase();
  const name = text.slice(slash + 1);
  if (slash < 1 || name === "" || name.includes("/")) {
    throw new CommandError(`${JSON.stringify(text)} is no KIND/NAME, such as deployment/web`, exitCode.usage);
  }
  const found = findResource(await client.resources({ signal }), word);
  if (found === undefined) throw new CommandError(`the API serves no kind ${JSON.stringify(word)}`);
  return {
    apiVersion: formatApiVersion(found.group, found.version),
    kind: found.kind,
    name,
    ...(found.namespaced ? { namespace: namespace ?? "default" } : {}),
  };
}

/** The first resource, in the order of discovery, that a word names. */
export function findResource(resources: readonly ResourceInfo[], word: string): ResourceInfo | undefined {
  const dot = word.indexOf(".");
  const [plain, group] = dot < 0 ? [word, undefined] : [word.slice(0, dot), word.slice(dot + 1)];
  return resources.find(
    (each) =>
      (group === undefined || each.group === group) &&
      (each.kind.toLowerCase() === plain || each.resource === plain || each.shortNames.includes(plain)),
  );
}

/** `deployment/web` of a reference, for messages. */
export function describe(ref: TypeMeta & { readonly name: string }): string {
  return `${ref.kind.toLowerCase()}/${ref.name}`;
}
