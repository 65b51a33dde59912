import { type HttpAnswer, type HttpClient, HttpFailure, type HttpOrder } from "../http-client.js";
import { parseObject } from "../json.js";
import { CloudError } from "./environment.js";

const MAX_ANSWER = 1024 * 1024;

/** A question to a service that gives out identities. */
export interface Question extends Omit<HttpOrder, "maxBytes"> {
  /** What is attempted, for messages. */
  readonly what: string;
}

/** Asks, and gives the answer whatever its status. Throws `CloudError` where there is none. */
export async function ask(http: HttpClient, { what, ...order }: Question): Promise<HttpAnswer> {
  try {
    return await http.send({ ...order, maxBytes: MAX_ANSWER });
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    throw new CloudError(`${what}: ${error.message}`, { cause: error });
  }
}

/** Asks for a JSON object. Throws `CloudError` for any other answer; its body is not shown, as it may be secret. */
export async function askJson(http: HttpClient, question: Question): Promise<Record<string, unknown>> {
  const answer = await ask(http, question);
  const value = answer.status === 200 ? parseObject(answer.body.toString("utf8")) : undefined;
  if (value !== undefined) return value;
  throw new CloudError(`${question.what}: the service answered ${answer.status}${reasonOf(answer)}`);
}

/** The error code that OAuth services and AWS name. */
function reasonOf(answer: HttpAnswer): string {
  const text = answer.body.toString("utf8");
  const code = parseObject(text)?.["error"] ?? /<Code>([\w.-]{1,100})<\/Code>/.exec(text)?.[1];
  return typeof code === "string" && /^[\w.-]{1,100}$/.test(code) ? ` ${code}` : "";
}

/** A text field of an answer. Throws `CloudError` where it is missing. */
export function textField(answer: Readonly<Record<string, unknown>>, name: string, what: string): string {
  const value = answer[name];
  if (typeof value === "string" && value !== "" && !/[\r\n]/.test(value)) return value;
  throw new CloudError(`${what}: the answer has no ${name}`);
}

/** A form as a request body. */
export function formOrder(fields: Readonly<Record<string, string>>) {
  return {
    method: "POST" as const,
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams(fields).toString(),
  };
}
