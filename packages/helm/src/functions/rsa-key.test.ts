import { checkPrimeSync, createPublicKey, sign, verify } from "node:crypto";
import { expect, it } from "vitest";
import { generateRsaKey } from "./rsa-key.js";

const number = (text: string | undefined) =>
  BigInt(`0x${Buffer.from(text ?? "", "base64url").toString("hex")}`);

it("makes keys that sign, of two primes and what follows from them", () => {
  const key = generateRsaKey(2048);
  expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65537n });
  const message = Buffer.from("signed");
  const signature = sign("sha256", message, key);
  expect(verify("sha256", message, createPublicKey(key), signature)).toBe(true);
  expect(verify("sha256", Buffer.from("other"), createPublicKey(key), signature)).toBe(false);
  const { n, e, d, p, q, dp, dq, qi } = key.export({ format: "jwk" });
  const [first, second] = [number(p), number(q)];
  expect([checkPrimeSync(first), checkPrimeSync(second)]).toEqual([true, true]);
  expect(first * second).toBe(number(n));
  expect(number(n) >> 2047n).toBe(1n);
  for (const prime of [first, second]) expect((number(e) * number(d)) % (prime - 1n)).toBe(1n);
  expect([number(dp), number(dq)]).toEqual([number(d) % (first - 1n), number(d) % (second - 1n)]);
  expect((number(qi) * second) % first).toBe(1n);
});

it("makes another key each time", () => {
  const moduli = [generateRsaKey(2048), generateRsaKey(2048)].map((key) => key.export({ format: "jwk" }).n);
  expect(moduli[0]).not.toBe(moduli[1]);
});
