import { type KeyRing, keyRing, SopsError } from "@capstan/sops";
import { RenderError } from "../render/desired-object.js";
import type { DecryptionMaterial } from "./material.js";
import { type KeyNeed, type RemoteKeys, remoteOpeners } from "./remote-keys.js";

/**
 * Reads the keys of a Kustomization; what `remote` has no answer for is noted in `needs`. Throws `RenderError`,
 * naming the entry of the Secret that is none.
 */
export async function openKeys(
  material: DecryptionMaterial,
  remote: RemoteKeys | undefined,
  needs: Map<string, KeyNeed>,
): Promise<KeyRing> {
  try {
    return await keyRing(material, remote === undefined ? [] : remoteOpeners(remote, needs));
  } catch (error) {
    if (!(error instanceof SopsError)) throw error;
    const from = material.secret === undefined ? "" : ` from sops decryption Secret '${material.secret}'`;
    throw new RenderError("BuildFailed", `failed to import keys${from}: ${error.message}`, { cause: error });
  }
}
