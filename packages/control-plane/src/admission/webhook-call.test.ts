import { describe, expect, it } from "vitest";
import { sendReview } from "./webhook-call.js";

const request = { url: "https://hook.sys.svc:443/", body: "{}", timeoutMs: 1 };

const answering = (status: number, body: string) => () => sendReview(async () => ({ status, body }), request);

describe("a webhook that does not answer a review", () => {
  it.each([
    [500, "boom\n", 'an error on the server ("boom") has prevented the request from succeeding'],
    [500, "{}", 'an error on the server ("unknown") has prevented the request from succeeding'],
    [404, "404 page not found\n", "the server could not find the requested resource"],
    [503, "", "the server is currently unable to handle the request"],
    [403, "go away", "go away"],
    [418, "", "the server responded with the status code 418 but did not return more information"],
    [500, '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no room"}', "no room"],
  ])("is told of in the words of its answer %i %j", async (status, body, message) => {
    await expect(answering(status, body)).rejects.toThrow(`failed to call webhook: ${message}`);
  });

  it("is told of when it answers no JSON", async () => {
    await expect(answering(200, "ok")).rejects.toThrow("failed to call webhook: the answer is not JSON");
  });
});
