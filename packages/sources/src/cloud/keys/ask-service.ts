import type { HttpClient } from "../../http-client.js";
import { parseObject } from "../../json.js";
import { CloudError } from "../environment.js";
import { ask, type Question, textField } from "../http.js";

const MAX_REASON = 500;

/**
 * Asks a key management service for plaintext, which the answer's `field` holds in base64 of either alphabet.
 * Throws `CloudError`, with what the service says of a refusal.
 */
export async function askForPlaintext(
  http: HttpClient,
  question: Question,
  field: string,
): Promise<Uint8Array> {
  const { what } = question;
  const answer = await ask(http, question);
  const value = parseObject(answer.body.toString("utf8"));
  if (answer.status === 200 && value !== undefined)
    return Buffer.from(textField(value, field, what), "base64");
  throw new CloudError(
    `${what}: the service answered ${answer.status}${value === undefined ? "" : reasonOf(value)}`,
  );
}

/** The code and message of a refusal, which name who asked and for which key. */
function reasonOf(answer: Readonly<Record<string, unknown>>): string {
  const nested = answer["error"];
  const error = typeof nested === "object" && nested !== null ? (nested as Record<string, unknown>) : answer;
  const code = error["__type"] ?? error["status"] ?? error["code"];
  const message = error["message"] ?? error["Message"];
  const texts = [code, message].filter((text): text is string => typeof text === "string" && text !== "");
  if (texts.length === 0) return "";
  // One line, so that it stays one condition's message.
  return ` ${texts.join(": ").replace(/\s+/g, " ").slice(0, MAX_REASON)}`;
}
