export { type DecryptOptions, decrypt, MAX_BYTES } from "./decrypt.js";
export { SopsError, type SopsErrorCode } from "./errors.js";
export { encryptedFormat, formatOfPath, looksEncrypted, type SopsFormat } from "./formats/formats.js";
export { type KeyMaterial, type KeyRing, type KeyText, keyRing, type Opener } from "./keys/key-ring.js";
export type { MasterKey } from "./metadata/metadata.js";
