import { describe, expect, it } from "vitest";
import { withDefaultNamespace } from "./default-namespace.js";

const object = (apiVersion: string, kind: string, namespace?: string) => ({
  apiVersion,
  kind,
  metadata: { name: "a", ...(namespace === undefined ? {} : { namespace }) },
});

describe("withDefaultNamespace", () => {
  it("places objects that name no namespace", () => {
    expect(withDefaultNamespace(object("apps/v1", "Deployment"), "web").metadata.namespace).toBe("web");
    expect(withDefaultNamespace(object("v1", "Service"), "web").metadata.namespace).toBe("web");
  });

  it("keeps a namespace that is named", () => {
    expect(withDefaultNamespace(object("v1", "Service", "own"), "web").metadata.namespace).toBe("own");
  });

  it("leaves alone what has no namespace, and kinds whose scope is not known", () => {
    for (const each of [object("v1", "Namespace"), object("example.dev/v1", "Greeting")]) {
      expect(withDefaultNamespace(each, "web")).toBe(each);
    }
  });

  it("does nothing where no default is given", () => {
    const service = object("v1", "Service");
    expect(withDefaultNamespace(service, undefined)).toBe(service);
  });
});
