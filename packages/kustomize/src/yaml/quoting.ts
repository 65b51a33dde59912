import { TAG_STR } from "./node.js";
import { isOldBoolean, parseInteger, parseTimestamp, resolvePlain } from "./resolve.js";

/** Any character that forces double quotes: all but line feeds and what YAML 1.1 prints as it is. */
export const SPECIAL = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

const BASE_60 = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;

/** Whether a YAML 1.1 reader would take this text, unquoted, for something other than a string. */
export function readsAsOther(text: string): boolean {
  const first = text.charCodeAt(0);
  const letter = (first >= 65 && first <= 90) || (first >= 97 && first <= 122);
  if (letter) {
    if (text.length > 5) return false;
    return isOldBoolean(text) || resolvePlain(text).tag !== TAG_STR;
  }
  if (text === "<<") return false;
  if (resolvePlain(text).tag !== TAG_STR) return true;
  const numeric = (first >= 48 && first <= 57) || first === 45 || first === 43;
  if (!numeric) return false;
  const bare = text.replaceAll("_", "");
  return BASE_60.test(text) || parseInteger(bare) !== undefined || parseTimestamp(text) !== undefined;
}

/** Whether a text that is a string to any reader still cannot stand without quotes. */
export function plainNeedsQuotes(text: string): boolean {
  const first = text.charAt(0);
  if (first === " " || text.endsWith(" ")) return true;
  if ("#,[]{}&*!|>'\"%@`".includes(first)) return true;
  if (text.startsWith("---") || text.startsWith("...")) return true;
  if ("-?:".includes(first) && (text.length === 1 || text.charCodeAt(1) === 32)) return true;
  return text.includes(": ") || text.endsWith(":") || text.includes(" #");
}
