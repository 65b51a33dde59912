import { describe, expect, it } from "vitest";
import { type DigestAlgorithm, Digester, digestOf, parseDigest } from "./digest.js";

const EMPTY: Readonly<Record<DigestAlgorithm, string>> = {
  sha1: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  sha384: "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
  sha512:
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
  blake3: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
};

describe("digests", () => {
  it.each(Object.entries(EMPTY) as [DigestAlgorithm, string][])("are taken by %s", (algorithm, empty) => {
    expect(digestOf("", algorithm)).toBe(`${algorithm}:${empty}`);
    expect(parseDigest(`${algorithm}:${empty}`)).toEqual({ algorithm, hex: empty });
    const running = new Digester(algorithm);
    for (const part of ["a", "", "bc"]) running.update(Buffer.from(part));
    expect(running.bytes).toBe(3);
    expect(running.text()).toBe(digestOf("abc", algorithm));
  });

  it("are blake3's of its test vectors", () => {
    expect(digestOf("abc", "blake3")).toBe(
      "blake3:6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    );
  });

  it.each(["md5:00", "sha256:00", "blake3:XY", "sha256", `sha256:${"G".repeat(64)}`])("refuse %s", (text) => {
    expect(() => parseDigest(text)).toThrow("digest");
  });
});
