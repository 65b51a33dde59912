import type { ApiResponse } from "@capstan/kube";
import { membersOf, textOf } from "../admission/members.js";

/** What is repeated of a text that some server answered. */
const MAX_TEXT = 2048;

/** What client-go makes of answers that are no `Status`, by their code. */
const MESSAGES = new Map([
  [400, "the server rejected our request for an unknown reason"],
  [401, "the server has asked for the client to provide credentials"],
  [404, "the server could not find the requested resource"],
  [405, "the server does not allow this method on the requested resource"],
  [409, "the server reported a conflict"],
  [422, "the server rejected our request due to an error in our request"],
  [429, "the server has received too many requests and has asked us to try again later"],
  [503, "the server is currently unable to handle the request"],
  [
    504,
    "the server was unable to return a response in the time allotted, but may still be processing the request",
  ],
]);

/** Why a request failed, in the words of the server or, where it has none of its own, of client-go. */
export function failureOf({ status, body }: Pick<ApiResponse, "status" | "body">): string {
  const answered = membersOf(body);
  if (answered["kind"] === "Status") return textOf(answered["message"]) || genericFailure(status, "unknown");
  return genericFailure(status, typeof body === "string" ? body.trim().slice(0, MAX_TEXT) : "unknown");
}

function genericFailure(code: number, text: string): string {
  if (code === 403 || code === 415) return text;
  const known = MESSAGES.get(code);
  if (known !== undefined) return known;
  if (code >= 500)
    return `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${code} but did not return more information`;
}
