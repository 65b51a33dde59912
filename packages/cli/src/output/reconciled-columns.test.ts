import { expect, it } from "vitest";
import { reconciledKinds } from "../kinds.js";
import { isStatic, reconciledColumns } from "./reconciled-columns.js";

const kind = reconciledKinds.find((each) => each.kind === "HelmRepository")!;
const repository = (type?: string) => ({
  apiVersion: kind.apiVersion,
  kind: kind.kind,
  metadata: { name: "charts" },
  spec: { url: "x", ...(type === undefined ? {} : { type }) },
});
const cells = (object: ReturnType<typeof repository>) =>
  reconciledColumns({ kind, withNamespace: false, withKind: false, now: 0 }).map(({ header, cell }) => [
    header,
    cell(object),
  ]);

it("shows a repository that is only an address as ready", () => {
  expect(cells(repository("oci"))).toContainEqual(["READY", "True"]);
  expect(cells(repository("oci"))).toContainEqual(["MESSAGE", "Helm repository is Ready"]);
  expect(cells(repository())).toContainEqual(["MESSAGE", "waiting to be reconciled"]);
  expect([isStatic(repository("oci")), isStatic(repository())]).toEqual([true, false]);
});
