import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  type AuditLogOptions,
  type AuditPolicy,
  AuditPolicyError,
  DEFAULT_AUDIT_POLICY,
  parseAuditPolicy,
} from "@capstan/control-plane";
import { YamlError } from "@capstan/kube";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";

const MAX_BYTES = 100 * 1024 * 1024;
const MAX_BACKUPS = 10;

/** What `--audit-log` and `--audit-policy` ask for. Throws `CommandError` for a policy that cannot be used. */
export function auditOptions(
  options: { readonly auditLog?: string; readonly auditPolicy?: string },
  io: Pick<Io, "err">,
): { readonly audit?: AuditLogOptions } {
  const { auditLog, auditPolicy } = options;
  if (auditLog === undefined) {
    if (auditPolicy === undefined) return {};
    throw new CommandError("--audit-policy says what --audit-log FILE holds: name that too", exitCode.usage);
  }
  const path = resolve(auditLog);
  let told = false;
  const onFailure = (error: unknown) => {
    if (told) return;
    told = true;
    io.err(`capstan: cannot write ${path}: ${error instanceof Error ? error.message : String(error)}\n`);
  };
  return {
    audit: { path, policy: policyOf(auditPolicy), maxBytes: MAX_BYTES, maxBackups: MAX_BACKUPS, onFailure },
  };
}

function policyOf(file: string | undefined): AuditPolicy {
  if (file === undefined) return DEFAULT_AUDIT_POLICY;
  try {
    return parseAuditPolicy(readFileSync(file, "utf8"), file);
  } catch (error) {
    const known = error instanceof AuditPolicyError || error instanceof YamlError;
    if (known || (error as NodeJS.ErrnoException).code !== undefined) {
      throw new CommandError((error as Error).message, exitCode.usage, { cause: error });
    }
    throw error;
  }
}
