import { type KeyRing, keyRing, SopsError } from "@capstan/sops";
import { RenderError } from "../render/desired-object.js";
import type { DecryptionMaterial } from "./material.js";
import { postJson, vaultOpener } from "./vault.js";

/** Reads the keys of a Kustomization. Throws `RenderError`, naming the entry of the Secret that is none. */
export async function openKeys(material: DecryptionMaterial): Promise<KeyRing> {
  try {
    const { vaultToken = "" } = material;
    return await keyRing(
      material,
      vaultToken === "" ? [] : [["hc_vault", vaultOpener(vaultToken, postJson)]],
    );
  } catch (error) {
    if (!(error instanceof SopsError)) throw error;
    const from = material.secret === undefined ? "" : ` from sops decryption Secret '${material.secret}'`;
    throw new RenderError("BuildFailed", `failed to import keys${from}: ${error.message}`, { cause: error });
  }
}
