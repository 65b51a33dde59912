import type { Random } from "@capstan/kube";
import { SAFE_ALPHABET } from "./template-hash.js";

/** Characters at random from the alphabet of generated names. */
export function randomSuffix(random: Random, length = 5): string {
  let text = "";
  for (let at = 0; at < length; at++)
    text += SAFE_ALPHABET[Math.floor(random.float() * SAFE_ALPHABET.length)];
  return text;
}
