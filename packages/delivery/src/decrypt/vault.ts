import { type MasterKey, SopsError } from "@capstan/sops";

/** Sends JSON and gives the status and the parsed answer; rejects where no answer came. */
export type PostJson = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
) => Promise<{ readonly status: number; readonly body: unknown }>;

const TIMEOUT_MS = 10_000;
const MAX_ANSWER = 1024 * 1024;

/** Posts over HTTP. */
export const postJson: PostJson = async (url, headers, body) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
    // A token for one server must not follow a redirect to another.
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER) throw new Error("the answer is too large");
    chunks.push(chunk);
  }
  return { status: response.status, body: JSON.parse(Buffer.concat(chunks).toString("utf8") || "null") };
};

export type VaultKey = Extract<MasterKey, { kind: "hc_vault" }>;

/** Opens a data key that the transit engine of a Vault or OpenBao wrapped, with a token for it. Throws `SopsError`. */
export async function openVaultKey(key: VaultKey, token: string, post: PostJson): Promise<Uint8Array> {
  const path = [...key.enginePath.split("/").filter(Boolean), "decrypt", key.keyName];
  if (!/^https?:$/.test(URL.canParse(key.address) ? new URL(key.address).protocol : "")) {
    throw new SopsError("no-data-key", `'${key.address}' is no address of a Vault`);
  }
  const url = `${key.address.replace(/\/+$/, "")}/v1/${path.map(encodeURIComponent).join("/")}`;
  const failed = (reason: string, cause?: unknown) =>
    new SopsError(
      "no-data-key",
      `failed to decrypt sops data key from Vault transit backend '${path.join("/")}': ${reason}`,
      { cause },
    );
  let answer: Awaited<ReturnType<PostJson>>;
  try {
    answer = await post(url, { "x-vault-token": token }, { ciphertext: key.encrypted });
  } catch (cause) {
    throw failed(cause instanceof Error ? cause.message : "no answer", cause);
  }
  if (answer.status !== 200) throw failed(`status ${answer.status}`);
  const plaintext = plaintextOf(answer.body);
  if (plaintext === undefined) throw failed("no decrypted data");
  return Buffer.from(plaintext, "base64");
}

function plaintextOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("data" in body)) return undefined;
  const { data } = body;
  if (typeof data !== "object" || data === null || !("plaintext" in data)) return undefined;
  return typeof data.plaintext === "string" ? data.plaintext : undefined;
}
