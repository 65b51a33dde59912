import { type MasterKey, type Opener, SopsError } from "@capstan/sops";

/** A key that only a service can use: a cloud's key management, or a Vault. */
export type RemoteKey = Extract<MasterKey, { kind: "kms" | "gcp_kms" | "azure_kv" | "hc_vault" }>;

/** A data key that a build must have before it goes on. */
export interface KeyNeed {
  readonly kind: "key";
  readonly key: RemoteKey;
}

/** What services answered so far, as plain data; a build that needs more says so. */
export interface RemoteKeys {
  /** The kinds of keys whose services are reached; others are refused by name. */
  readonly kinds: readonly RemoteKey["kind"][];
  /** Data keys by {@link keyId}. */
  readonly opened: ReadonlyMap<string, Uint8Array | { readonly error: string }>;
}

/** Thrown instead of a data key that was not asked for yet: the file is looked at again when it is there. */
export class KeyWanted extends Error {
  override readonly name = "KeyWanted";
}

/** Tells a wrapped data key from all others, also from those that another context or role would open. */
export function keyId(key: RemoteKey): string {
  return JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Openers that know what services answered, and note in `needs` what is to be asked. */
export function remoteOpeners(
  { kinds, opened }: RemoteKeys,
  needs: Map<string, KeyNeed>,
): readonly (readonly [RemoteKey["kind"], Opener])[] {
  return kinds.map((kind) => [
    kind,
    async (key) => {
      if (key.kind !== kind) throw new SopsError("malformed", "the key is of another kind");
      const id = keyId(key as RemoteKey);
      const found = opened.get(id);
      if (found === undefined) {
        needs.set(id, { kind: "key", key: key as RemoteKey });
        throw new KeyWanted("a data key has to be opened first");
      }
      if ("error" in found) throw new SopsError("no-data-key", found.error);
      return found;
    },
  ]);
}
