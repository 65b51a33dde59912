import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { decrypt, keyRing, SopsError } from "@capstan/sops";
import { describe, expect, it } from "vitest";
import { openVaultKey, type PostJson, postJson, type VaultKey } from "./vault.js";

const testdata = new URL("../../../sops/testdata/", import.meta.url);
const encrypted = readFileSync(new URL("encrypted/secret.vault.yaml", testdata));
const plain = readFileSync(new URL("plain/secret.yaml", testdata));

async function decrypted(post: PostJson, file: Uint8Array = encrypted): Promise<string> {
  const keys = await keyRing({}, [["hc_vault", (key) => openVaultKey(key as VaultKey, "the-token", post)]]);
  return Buffer.from(await decrypt(file, { format: "yaml", keys })).toString();
}

describe("vaultOpener", () => {
  it("asks the transit engine that the file names, with the token", async () => {
    const asked: unknown[] = [];
    const result = await decrypted(async (url, headers, body) => {
      asked.push([url, headers]);
      const { ciphertext } = body as { ciphertext: string };
      return { status: 200, body: { data: { plaintext: ciphertext.replace("vault:v1:", "") } } };
    });
    expect(result).toBe(plain.toString());
    expect(asked).toEqual([
      ["http://127.0.0.1:8200/v1/sops/decrypt/first", { "x-vault-token": "the-token" }],
    ]);
  });

  it.each<[string, PostJson, string]>([
    ["a refusal", async () => ({ status: 403, body: { errors: ["permission denied"] } }), "status 403"],
    ["an empty answer", async () => ({ status: 200, body: null }), "no decrypted data"],
    ["no answer", () => Promise.reject(new Error("connect ECONNREFUSED")), "connect ECONNREFUSED"],
  ])("tells of %s, and not the token", async (_, post, reason) => {
    const error = await decrypted(post).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SopsError);
    expect((error as SopsError).code).toBe("no-data-key");
    expect((error as SopsError).message).toContain(`Vault transit backend 'sops/decrypt/first': ${reason}`);
    expect((error as SopsError).message).not.toContain("the-token");
  });

  it.each(["file:///etc/passwd", "vault", "ftp://vault"])("sends nothing to %s", async (address) => {
    const file = Buffer.from(encrypted.toString().replace("http://127.0.0.1:8200", address));
    const post: PostJson = () => {
      throw new Error("nothing should be sent");
    };
    await expect(decrypted(post, file)).rejects.toThrow("is no address of a Vault");
  });
});

describe("postJson", () => {
  it("posts, and follows no redirect with the token", async () => {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      seen.push([request.url, request.headers["x-vault-token"]]);
      if (request.url === "/moved") response.writeHead(307, { location: "/elsewhere" }).end();
      else response.writeHead(200, { "content-type": "application/json" }).end('{"a":1}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect(await postJson(`${url}/x`, { "x-vault-token": "t" }, {})).toEqual({
        status: 200,
        body: { a: 1 },
      });
      await expect(postJson(`${url}/moved`, { "x-vault-token": "t" }, {})).rejects.toThrow();
      expect(seen).toEqual([
        ["/x", "t"],
        ["/moved", "t"],
      ]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
