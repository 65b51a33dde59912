import { createDecipheriv, createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A stand-in for AWS KMS. */
export interface KeyService {
  readonly url: string;
  /** Access keys that asked. */
  readonly asked: string[];
  close(): void;
}

/** Serves `Decrypt` for the files of SOPS' test data, to whoever signs with version 4; it really decrypts. */
export async function keyService(): Promise<KeyService> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const credential = /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(request.headers.authorization ?? "");
      asked.push(credential?.[1] ?? "");
      const isDecrypt = request.headers["x-amz-target"] === "TrentService.Decrypt";
      if (credential?.[1] !== "AKID" || !isDecrypt) {
        const refusal = { __type: "AccessDeniedException", message: "the key is not yours" };
        response.writeHead(400).end(JSON.stringify(refusal));
        return;
      }
      const body = JSON.parse(Buffer.concat(chunks).toString());
      const plaintext = opened(body.CiphertextBlob, body.EncryptionContext);
      response.end(JSON.stringify({ KeyId: body.KeyId, Plaintext: plaintext.toString("base64") }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function opened(wrapped: string, context: Readonly<Record<string, string>>): Buffer {
  const bytes = Buffer.from(wrapped, "base64");
  const key = createHash("sha256").update("a key management service for tests").digest();
  const cipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  cipher.setAAD(Buffer.from(JSON.stringify(Object.entries(context).sort())));
  cipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]);
}
