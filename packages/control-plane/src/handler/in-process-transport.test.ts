import { describe, expect, it } from "vitest";
import { notFound } from "./errors.js";
import { InProcessTransport } from "./in-process-transport.js";
import { AnswerShaper } from "./shape.js";
import { columnTables } from "./tables.js";

function transportOver(failure: unknown) {
  const told: string[] = [];
  const handler = {
    handle: () => {
      throw failure;
    },
  };
  const clock = { now: () => 0, after: () => () => undefined };
  const transport = new InProcessTransport(
    handler,
    new AnswerShaper(columnTables, clock),
    () => ({ name: "somebody", groups: [] }),
    (part, subject, error) => void told.push(`${part}: ${subject}: ${String(error)}`),
  );
  return { transport, told };
}

const REQUEST = { method: "GET", path: "/api/v1/namespaces/default/pods/web" } as const;

describe("a request that fails", () => {
  it("is told of where nobody expected it, and answered", async () => {
    const { transport, told } = transportOver(new TypeError("of no kind"));
    const { status } = await transport.request(REQUEST);
    expect(status).toBe(500);
    expect(told).toEqual(["request: GET /api/v1/namespaces/default/pods/web: TypeError: of no kind"]);
  });

  it("is only answered where the API says no", async () => {
    const { transport, told } = transportOver(notFound({ group: "", resource: "pods" }, "web"));
    const { status } = await transport.request(REQUEST);
    expect(status).toBe(404);
    expect(told).toEqual([]);
  });
});
