import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decrypt, type KeyRing, keyRing, type SopsFormat } from "@capstan/sops";
import { RandomDocuments, type SopsDocument } from "./_sops-random.js";

interface Failure {
  readonly name: string;
  readonly reason: string;
}

interface Result {
  readonly engine: string;
  readonly passed: number;
  readonly total: number;
  readonly failures: readonly Failure[];
  readonly note?: string;
}

const DOCUMENTS = 200;
const testdata = new URL("../packages/sops/testdata/", import.meta.url);
const identity = readFileSync(new URL("keys/one.agekey", testdata), "utf8");
const recipient = /public key: (\S+)/.exec(identity)?.[1] ?? "";

/**
 * Random documents that the real sops encrypts, decrypted by both: the same bytes, or a refusal by both.
 * `CAPSTAN_SOPS` names the program where it is not in PATH; `CAPSTAN_SEED` other documents.
 */
export async function run(): Promise<Result> {
  const sops = process.env["CAPSTAN_SOPS"] ?? "sops";
  if (spawnSync(sops, ["--version"]).status !== 0) {
    return { engine: "sops", passed: 0, total: 0, failures: [], note: "there is no sops on this machine" };
  }
  const keys = await keyRing({ age: [{ name: "one.agekey", text: identity }] });
  const directory = mkdtempSync(join(tmpdir(), "capstan-sops-"));
  const documents = new RandomDocuments(Number(process.env["CAPSTAN_SEED"] ?? 1));
  const failures: Failure[] = [];
  let total = 0;
  try {
    for (let index = 0; index < DOCUMENTS; index++) {
      const document = documents.next();
      const encrypted = encrypt(sops, directory, document);
      // What the real tool does not encrypt is no file of its.
      if (encrypted === undefined) continue;
      total += 1;
      const reason = await difference(sops, directory, document.format, encrypted, keys);
      if (reason !== undefined) failures.push({ name: `${document.format} ${index}`, reason });
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return { engine: "sops", passed: total - failures.length, total, failures };
}

function encrypt(sops: string, directory: string, { format, text, rule }: SopsDocument): Buffer | undefined {
  const [plain, config] = [join(directory, "plain"), join(directory, "config")];
  writeFileSync(plain, text);
  writeFileSync(config, JSON.stringify({ creation_rules: [{ age: recipient, ...rule }] }));
  const types = ["--input-type", format, "--output-type", format];
  const { status, stdout } = spawnSync(sops, ["--config", config, "encrypt", ...types, plain]);
  return status === 0 ? stdout : undefined;
}

async function difference(
  sops: string,
  directory: string,
  format: SopsFormat,
  encrypted: Buffer,
  keys: KeyRing,
): Promise<string | undefined> {
  const file = join(directory, "encrypted");
  writeFileSync(file, encrypted);
  const types = ["--input-type", format, "--output-type", format];
  const real = spawnSync(sops, ["decrypt", ...types, file], {
    env: { ...process.env, SOPS_AGE_KEY: identity },
  });
  const ours = await decrypt(encrypted, { format, keys }).catch((error: unknown) => error);
  if (real.status !== 0) return ours instanceof Uint8Array ? "the real one refuses it" : undefined;
  if (!(ours instanceof Uint8Array)) return `refused: ${ours}`;
  return Buffer.from(ours).equals(real.stdout) ? undefined : firstDifference(real.stdout, Buffer.from(ours));
}

function firstDifference(real: Buffer, ours: Buffer): string {
  const [wanted, got] = [real.toString().split("\n"), ours.toString().split("\n")];
  const line = wanted.findIndex((text, index) => text !== got[index]);
  return `line ${line + 1}: ${JSON.stringify(wanted[line])} is ${JSON.stringify(got[line])} here`;
}
