import { canonicalJson } from "@capstan/kube";
import type { PodTemplate } from "../model/pod.js";

/** The alphabet of generated names: no vowels and no digits that look like letters. */
export const SAFE_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

const prime = 16777619;
const basis = 2166136261;

/** FNV-1a with 32 bits. */
export function fnv1a(bytes: Uint8Array, start = basis): number {
  let hash = start;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, prime) >>> 0;
  return hash >>> 0;
}

/** FNV-1 with 32 bits. */
export function fnv1(bytes: Uint8Array, start = basis): number {
  let hash = start;
  for (const byte of bytes) hash = ((Math.imul(hash, prime) >>> 0) ^ byte) >>> 0;
  return hash >>> 0;
}

/** The decimal digits of a hash in the safe alphabet, as names carry it: 2166136261 is `65bb57b6b5`. */
export function encodeHash(hash: number): string {
  return Array.from(String(hash), (digit) => SAFE_ALPHABET[digit.charCodeAt(0) % 27]).join("");
}

/**
 * The hash of a pod template that names ReplicaSets and DaemonSet revisions. Equal templates give equal
 * hashes within Capstan; they differ from Kubernetes', whose change from release to release too.
 */
export function templateHash(template: PodTemplate, collisionCount: number | undefined): string {
  let hash = fnv1a(new TextEncoder().encode(canonicalJson(template)));
  if (collisionCount !== undefined) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(0, collisionCount, true);
    hash = fnv1a(bytes, hash);
  }
  return encodeHash(hash);
}

/** The hash of a revision's data with its collision count, as ControllerRevisions of StatefulSets carry it. */
export function revisionHash(data: string, collisionCount: number): string {
  return encodeHash(fnv1(new TextEncoder().encode(`${data}${collisionCount}`)));
}
