import { checkPrimeSync, createPrivateKey, type KeyObject, randomBytes } from "node:crypto";

const EXPONENT = 65_537n;
/** Odd numbers that are looked at from one random start; seldom is none of them prime. */
const WINDOW = 4_096;
/** Odd primes whose multiples are left out: what is left is tested at a thousand times the price. */
const smallPrimes = oddPrimesBelow(1 << 14);

/**
 * A new RSA key of two probable primes, made of the system's randomness; RFC 8017 (section 3) says what follows
 * from them. Each prime is the first from a random start on, as OpenSSL's own search has it, and OpenSSL says what
 * is prime. A wider sieve before that makes keys in a third of the time: charts make several while they render.
 */
export function generateRsaKey(bits: 2048 | 4096): KeyObject {
  const half = bits / 2;
  const p = primeOf(half);
  let q = primeOf(half);
  // Primes that are close to each other can be found from their product.
  while ((p > q ? p - q : q - p) >> BigInt(half - 100) === 0n) q = primeOf(half);
  const [p1, q1] = [p - 1n, q - 1n];
  const d = inverse(EXPONENT, (p1 * q1) / gcd(p1, q1));
  const key = {
    kty: "RSA",
    n: encoded(p * q),
    e: encoded(EXPONENT),
    d: encoded(d),
    p: encoded(p),
    q: encoded(q),
    dp: encoded(d % p1),
    dq: encoded(d % q1),
    qi: encoded(inverse(q, p)),
  };
  return createPrivateKey({ key, format: "jwk" });
}

/** A prime of so many bits, the two highest of them set, that goes with the exponent. */
function primeOf(bits: number): bigint {
  for (;;) {
    const bytes = randomBytes(bits / 8);
    bytes.writeUInt8(bytes.readUInt8(0) | 0xc0, 0);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) | 1, bytes.length - 1);
    const start = BigInt(`0x${bytes.toString("hex")}`);
    const composite = sieve(start);
    for (let index = 0; index < WINDOW; index += 1) {
      if (composite[index] === 1) continue;
      const candidate = start + 2n * BigInt(index);
      if (candidate >> BigInt(bits) !== 0n) break;
      if ((candidate - 1n) % EXPONENT !== 0n && checkPrimeSync(candidate)) return candidate;
    }
  }
}

/** Marks which of the odd numbers from `start` on have a small prime factor. */
function sieve(start: bigint): Uint8Array {
  const composite = new Uint8Array(WINDOW);
  for (const prime of smallPrimes) {
    const missing = prime - Number(start % BigInt(prime));
    // Steps are of two: an odd distance is gone by one round more.
    const first = (missing % 2 === 0 ? missing : missing + prime) / 2;
    for (let index = first % prime; index < WINDOW; index += prime) composite[index] = 1;
  }
  return composite;
}

function oddPrimesBelow(limit: number): readonly number[] {
  const composite = new Uint8Array(limit);
  const primes: number[] = [];
  for (let number = 3; number < limit; number += 2) {
    if (composite[number] === 1) continue;
    primes.push(number);
    for (let multiple = number * number; multiple < limit; multiple += 2 * number) composite[multiple] = 1;
  }
  return primes;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** The number whose product with `value` is 1 modulo `modulus`; they have no factor in common. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [remainder, next] = [modulus, value % modulus];
  let [factor, following] = [0n, 1n];
  while (next !== 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [factor, following] = [following, factor - quotient * following];
  }
  return factor < 0n ? factor + modulus : factor;
}

/** Big-endian without leading zeros, as RFC 7518 (section 2) has it. */
function encoded(value: bigint): string {
  const digits = value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex").toString("base64url");
}
