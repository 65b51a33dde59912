import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { HandlerRequest } from "../handler/handler.js";
import type { ApiService } from "./api-service.js";
import type { BackendRequest } from "./backend.js";
import { forward } from "./forward.js";
import type { ServiceAddresses } from "./service-addresses.js";

test("a query goes on as it was written, with all values of a parameter", async () => {
  const asked: string[] = [];
  const path = "/apis/shop.test/v1/orders";
  const request: HandlerRequest = {
    method: "GET",
    path,
    query: new Map([["id", "1"]]),
    headers: {},
    body: { contentType: "" },
    user: { name: "u", groups: [] },
    signal: undefined,
    origin: { auditId: "a", uri: `${path}?id=1&id=2&q=a,b%20c`, address: "127.0.0.1" },
  };
  const service = { spec: { service: { namespace: "default", name: "shop" } } } as unknown as ApiService;
  const target = {
    group: "shop.test",
    version: "v1",
    available: true,
    resources: undefined,
    openApi: undefined,
    service,
  };
  const addresses = { resolve: () => ({ host: "localhost", port: 443 }) } as unknown as ServiceAddresses;
  const call = async (_service: unknown, { path: to }: BackendRequest) => {
    asked.push(to);
    return { status: 200, headers: {}, chunks: Readable.from([]) };
  };
  await forward(request, target, { addresses, call });
  const { origin: _, ...inProcess } = request;
  await forward(inProcess, target, { addresses, call });
  expect(asked).toEqual([`${path}?id=1&id=2&q=a,b%20c`, `${path}?id=1`]);
});
