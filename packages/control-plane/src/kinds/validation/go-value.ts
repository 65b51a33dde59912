import { type Field, type MessageType, messageOf, messageType } from "../../schema/message.js";
import { isMembers, type Members } from "../members.js";

/**
 * A value of a published type as errors of the real server print it: the names of its Go fields, each of
 * them, with what it reads as when it was never set. Types of the metadata package keep their JSON names.
 */
export function goValue(name: string, value: unknown): unknown {
  return isMembers(value) ? structValue(messageType(name), value) : (value ?? null);
}

function structValue(type: MessageType, value: Members): Members {
  if (type.name.startsWith("meta.")) return value;
  const result: Members = {};
  for (const field of type.fields) {
    const metadata = field.message === "meta.v1.ObjectMeta";
    // Go embeds the metadata, which keeps its JSON names.
    if (metadata) Object.assign(result, value[field.name]);
    else if (field.inline) Object.assign(result, structValue(messageOf(field), value));
    else result[goName(field.name)] = fieldValue(field, value[field.name]);
  }
  return result;
}

/** Go writes some abbreviations in capitals where JSON does not. */
function goName(name: string): string {
  const lead = /^(?:api(?=[A-Z])|uid$|se(?=Linux))/.exec(name)?.[0] ?? name.charAt(0);
  return lead.toUpperCase() + name.slice(lead.length);
}

function fieldValue(field: Field, value: unknown): unknown {
  if (value === undefined || value === null) return zeroOf(field);
  if (field.kind !== "message") return value;
  const inner = messageOf(field);
  if (Array.isArray(value)) return value.map((item) => (isMembers(item) ? structValue(inner, item) : item));
  return isMembers(value) && field.shape === "single" ? structValue(inner, value) : value;
}

function zeroOf(field: Field): unknown {
  if (field.pointer || field.shape !== "single") return null;
  switch (field.kind) {
    case "string":
      return "";
    case "bool":
      return false;
    case "int32":
    case "int64":
    case "intOrString":
      return 0;
    case "message":
      return structValue(messageOf(field), {});
    default:
      return null;
  }
}
