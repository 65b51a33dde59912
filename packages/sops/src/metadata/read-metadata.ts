import { SopsError } from "../errors.js";
import type { MapNode } from "../tree/tree.js";
import { Fields } from "./fields.js";
import type { EncryptionRules, MasterKey, Metadata } from "./metadata.js";

/** Groups of keys; Shamir's scheme over bytes has no more shares. */
const MAX_GROUPS = 255;
/** Keys of all groups: each may cost a public-key operation. */
const MAX_KEYS = 1000;
const MAX_PATTERN = 10_000;

/**
 * Reads the metadata of a file.
 *
 * @throws {SopsError} `malformed` or `too-large`
 */
export function readMetadata(node: MapNode): Metadata {
  const fields = new Fields(node);
  const lastModified = fields.text("lastmodified");
  return {
    lastModified: withoutFraction(lastModified),
    mac: fields.text("mac"),
    macOnlyEncrypted: fields.flag("mac_only_encrypted"),
    rules: rulesOf(fields),
    groups: groupsOf(fields),
    shamirThreshold: fields.number("shamir_threshold"),
    version: fields.text("version"),
  };
}

function withoutFraction(time: string): string {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,]\d+)?(Z|[-+]\d\d:\d\d)$/.exec(time);
  if (match === null) {
    throw new SopsError("malformed", "the field 'lastmodified' of the sops metadata is no RFC 3339 time");
  }
  const zone = match[2] === "+00:00" ? "Z" : match[2];
  return `${match[1]}${zone}`;
}

function rulesOf(fields: Fields): EncryptionRules {
  const rules: [keyof EncryptionRules, string][] = [
    ["unencryptedSuffix", fields.text("unencrypted_suffix")],
    ["encryptedSuffix", fields.text("encrypted_suffix")],
    ["unencryptedRegex", fields.text("unencrypted_regex")],
    ["encryptedRegex", fields.text("encrypted_regex")],
    ["unencryptedCommentRegex", fields.text("unencrypted_comment_regex")],
    ["encryptedCommentRegex", fields.text("encrypted_comment_regex")],
  ];
  const given = rules.filter(([, value]) => value !== "");
  if (given.length > 1) {
    throw new SopsError(
      "malformed",
      "Cannot use more than one of encrypted_suffix, unencrypted_suffix, encrypted_regex, unencrypted_regex, encrypted_comment_regex, or unencrypted_comment_regex in the same file",
    );
  }
  const [rule] = given;
  if (rule === undefined) return { unencryptedSuffix: "_unencrypted" };
  if (rule[1].length > MAX_PATTERN) throw new SopsError("too-large", "an encryption rule is too long");
  return { [rule[0]]: rule[1] };
}

function groupsOf(fields: Fields): readonly (readonly MasterKey[])[] {
  const own = groupOf(fields);
  const groups = own.length > 0 ? [own] : fields.list("key_groups").map(groupOf);
  if (groups.length === 0) throw new SopsError("malformed", "No keys found in file");
  const keys = groups.reduce((sum, group) => sum + group.length, 0);
  if (groups.length > MAX_GROUPS || keys > MAX_KEYS) {
    throw new SopsError("too-large", `more than ${MAX_GROUPS} key groups or ${MAX_KEYS} keys`);
  }
  return groups;
}

function groupOf(fields: Fields): readonly MasterKey[] {
  const keys = (list: string, toKey: (key: Fields, encrypted: string) => MasterKey) =>
    fields.list(list).map((key) => toKey(key, key.text("enc")));
  return [
    ...keys("kms", (key, encrypted) => ({
      kind: "kms",
      name: key.text("arn"),
      encrypted,
      role: key.text("role"),
      context: key.texts("context"),
    })),
    ...keys("gcp_kms", (key, encrypted) => ({ kind: "gcp_kms", name: key.text("resource_id"), encrypted })),
    ...keys("hckms", (key, encrypted) => ({ kind: "hckms", name: key.text("key_id"), encrypted })),
    ...keys("azure_kv", azureKey),
    ...keys("hc_vault", vaultKey),
    ...keys("pgp", (key, encrypted) => ({ kind: "pgp", name: key.text("fp"), encrypted })),
    ...keys("age", (key, encrypted) => ({ kind: "age", name: key.text("recipient"), encrypted })),
  ];
}

function vaultKey(key: Fields, encrypted: string): MasterKey {
  const address = key.text("vault_address");
  const enginePath = key.text("engine_path");
  const keyName = key.text("key_name");
  const name = `${address}/v1/${enginePath}/keys/${keyName}`;
  return { kind: "hc_vault", name, encrypted, address, enginePath, keyName };
}

function azureKey(key: Fields, encrypted: string): MasterKey {
  const vaultUrl = key.text("vault_url");
  const keyName = key.text("name");
  const version = key.text("version");
  const name = `${vaultUrl}/keys/${keyName}/${version}`;
  return { kind: "azure_kv", name, encrypted, vaultUrl, keyName, version };
}
