import { ApiError, type Status } from "@capstan/kube";
import { expect, it } from "vitest";
import { fieldSteps, lineOfField, refusedField } from "./failure-place.js";

const text = `# first
apiVersion: v1
kind: ConfigMap
---
apiVersion: v1
kind: Service
metadata:
  name: s
  labels:
    a.b/c: x
spec:
  ports:
  - port: 80
  - name: web
    port: 99999
`;

it("finds the line of a field, or of what is nearest around it", () => {
  expect(lineOfField(text, 5, "spec.ports[1].port")).toBe(15);
  expect(lineOfField(text, 5, "metadata.labels[a.b/c]")).toBe(10);
  expect(lineOfField(text, 5, "spec.ports[1].targetPort")).toBe(14);
  expect(lineOfField(text, 5, "status.gone")).toBe(5);
  expect(lineOfField(text, 2, "data.k")).toBe(2);
});

it("stays at the object where the file is something else", () => {
  expect(lineOfField("{{ template }}: [", 7, "spec")).toBe(7);
  expect(lineOfField("a: b\n", 3, "spec")).toBe(3);
});

it("reads fields as the API writes them", () => {
  expect(fieldSteps("spec.a[0].b[x.y/z]")).toEqual(["spec", "a", 0, "b", "x.y/z"]);
  expect(fieldSteps('spec.a[name="x"].b')).toEqual(["spec", "a"]);
  const error = (message: string, field?: string) =>
    new ApiError({
      status: "Failure",
      code: 422,
      message,
      ...(field === undefined ? {} : { details: { causes: [{ field }] } }),
    } as Status);
  expect(refusedField(error("x is invalid", "spec.replicas"))).toBe("spec.replicas");
  expect(
    refusedField(error("failed to create typed object: .spec.ports[0].typo: field not declared in schema")),
  ).toBe("spec.ports[0].typo");
  expect(refusedField(error("denied"))).toBeUndefined();
});
