import { TrustedRoot } from "@sigstore/protobuf-specs";
import { OciError } from "./error.js";

const TIMEOUT_MS = 20_000;

/**
 * The root of the public Sigstore, as its TUF repository says now; what was seen of it is kept in `directory`.
 * Throws `OciError` `unreachable`.
 */
export async function publicTrustedRoot(directory: string): Promise<string> {
  try {
    // Few installations look at signatures without keys, so the client is loaded when one does.
    const { getTrustedRoot } = await import("@sigstore/tuf");
    const root = await getTrustedRoot({ cachePath: directory, retry: false, timeout: TIMEOUT_MS });
    return JSON.stringify(TrustedRoot.toJSON(root));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new OciError("unreachable", `unable to initialize trusted root: ${text}`, { cause: error });
  }
}
