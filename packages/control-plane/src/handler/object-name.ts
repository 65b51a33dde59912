import type { KubeObject, ObjectMeta, Random } from "@capstan/kube";
import type { Call } from "./call.js";
import { badRequest } from "./errors.js";

const SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const MAX_BASE = 58;
const SUFFIX_LENGTH = 5;

/** A name from a `generateName` base: cut to 58 characters, with five random ones behind. */
export function generateName(base: string, random: Random): string {
  let name = base.slice(0, MAX_BASE);
  for (let i = 0; i < SUFFIX_LENGTH; i++) {
    name += SUFFIX_ALPHABET[Math.floor(random.float() * SUFFIX_ALPHABET.length)] ?? "b";
  }
  return name;
}

/** A version 4 UUID. */
export function randomUid(random: Random): string {
  const bytes = random.bytes(16);
  const hex = Buffer.from(bytes).toString("hex");
  const variant = "89ab"[(bytes[8] ?? 0) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/**
 * Checks an object's namespace against the URL's and fills it in; an object of the cluster loses the one it
 * names. Throws 400 where they differ.
 */
export function withRequestNamespace(call: Call, object: KubeObject): KubeObject {
  if (!call.kind.namespaced) {
    const { namespace, ...metadata } = object.metadata;
    return namespace === undefined ? object : { ...object, metadata };
  }
  const asked = call.info.namespace ?? "";
  const given = object.metadata.namespace ?? "";
  if (given !== "" && given !== asked) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (given !== "") return object;
  const { name, generateName: base, namespace: _none, ...rest } = object.metadata;
  // In the order in which Kubernetes prints them.
  const metadata = {
    ...(name === undefined ? {} : { name }),
    ...(base === undefined ? {} : { generateName: base }),
    namespace: asked,
    ...rest,
  };
  return { ...object, metadata: metadata as ObjectMeta };
}

/** Checks an object's name against the URL's. Throws 400 where they differ or the object has none. */
export function assertRequestName(call: Call, object: KubeObject): void {
  const { name } = object.metadata;
  const asked = call.info.name;
  if (name === undefined || name === "") {
    throw badRequest(
      `the name of the object (${asked} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (name !== asked) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${asked})`);
  }
}
