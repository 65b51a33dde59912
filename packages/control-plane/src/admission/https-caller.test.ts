import { expect, it } from "vitest";
import { callOverHttps } from "./https-caller.js";

it("calls over https only", async () => {
  const request = { url: "http://127.0.0.1:1/", body: "{}", timeoutMs: 1_000 };
  await expect(callOverHttps(request)).rejects.toThrow("webhooks are called over https only");
});

it("rejects where nobody answers", async () => {
  await expect(callOverHttps({ url: "https://127.0.0.1:1/", body: "{}", timeoutMs: 1_000 })).rejects.toThrow(
    /connect: connection refused/,
  );
});
