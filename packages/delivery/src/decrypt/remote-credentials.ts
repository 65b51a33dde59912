import { parseYaml } from "@capstan/kube";
import type { RemoteCredentials } from "./material.js";

/** A credential that cannot be read; the message names no value of it. */
export class CredentialError extends Error {
  override readonly name = "CredentialError";
}

/** Reads the entries of a decryption Secret that are credentials for services. Throws `CredentialError`. */
export function remoteCredentials(entries: ReadonlyMap<string, Buffer>): RemoteCredentials {
  const read = <T>(name: string, reader: (bytes: Buffer) => T): T | undefined => {
    const bytes = entries.get(name);
    if (bytes === undefined) return undefined;
    try {
      return reader(bytes);
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error;
      throw new CredentialError(`failed to import '${name}' data: ${error.message}`, { cause: error });
    }
  };
  const vaultToken = read("sops.vault-token", (bytes) => bytes.toString("utf8").trim()) ?? "";
  const aws = read("sops.aws-kms", awsKeys);
  const gcp = read("sops.gcp-kms", gcpKey);
  const azure = read("sops.azure-kv", azureIdentity);
  return {
    ...(vaultToken === "" ? {} : { vaultToken }),
    ...(aws === undefined ? {} : { aws }),
    ...(gcp === undefined ? {} : { gcp }),
    ...(azure === undefined ? {} : { azure }),
  };
}

function awsKeys(bytes: Buffer): NonNullable<RemoteCredentials["aws"]> {
  const fields = fieldsOf(bytes.toString("utf8"), "AWS credentials file");
  const text = (name: string) => fields.get(name) ?? "";
  const [accessKey, secretKey] = [text("aws_access_key_id"), text("aws_secret_access_key")];
  if (accessKey === "" || secretKey === "") {
    throw new CredentialError("aws_access_key_id and aws_secret_access_key are needed");
  }
  const sessionToken = text("aws_session_token");
  return { accessKey, secretKey, ...(sessionToken === "" ? {} : { sessionToken }) };
}

function gcpKey(bytes: Buffer): string {
  const text = bytes.toString("utf8").trim();
  fieldsOf(text, "key of a service account");
  return text;
}

function azureIdentity(bytes: Buffer): Readonly<Record<string, string>> {
  return Object.fromEntries(fieldsOf(unicode(bytes), "Azure authentication file"));
}

/** Tools of Windows write UTF-16 and mark it so. */
function unicode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString("utf16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    const even = bytes.subarray(2, bytes.length - (bytes.length % 2));
    return Buffer.from(even).swap16().toString("utf16le");
  }
  return bytes.toString("utf8").replace(/^\uFEFF/, "");
}

/** The fields of a mapping, as text. */
function fieldsOf(text: string, what: string): ReadonlyMap<string, string> {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch {
    // The parser's message could quote a secret.
    throw new CredentialError(`the ${what} is neither YAML nor JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CredentialError(`the ${what} holds no fields`);
  }
  return new Map(
    Object.entries(value).flatMap(([name, field]) =>
      ["string", "number", "boolean"].includes(typeof field) ? [[name, String(field)] as const] : [],
    ),
  );
}
