import { expect, it } from "vitest";
import { readObjects } from "./resource.js";

it("ends the last line of every document of a manifest, as the client of Kubernetes does", () => {
  const document = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  t: |\n    x";
  const objects = readObjects(`${document}\n---\n${document}`);
  expect(objects.map((object) => object["data"])).toEqual([{ t: "x\n" }, { t: "x\n" }]);
});
