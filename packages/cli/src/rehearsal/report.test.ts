import picocolors from "picocolors";
import { expect, it } from "vitest";
import { reportJunit } from "./report-junit.js";
import { reportTree } from "./report-tree.js";
import { type Report, summarise } from "./result.js";

const unit: Report["entries"][number]["unit"] = {
  name: "clusters/one",
  source: "clusters/one",
  outcome: "passed",
  findings: [],
  objects: [],
  children: [
    {
      name: "Kustomization/flux-system/apps",
      source: "apps",
      file: "clusters/one/apps.yaml",
      line: 3,
      outcome: "failed",
      findings: [],
      objects: [
        { object: "ConfigMap/a/ok", apiVersion: "v1", outcome: "passed", findings: [] },
        {
          object: "Service/a/bad",
          apiVersion: "v1",
          file: "apps/s.yaml",
          line: 7,
          outcome: "failed",
          findings: [
            { severity: "failure", message: 'a <b> & "c"\u0007', file: "apps/s.yaml", line: 7 },
            { severity: "warning", message: "old", file: "apps/s.yaml", line: 7 },
          ],
        },
        { object: "Thing/a/x", apiVersion: "example.org/v1", outcome: "unchecked", findings: [] },
      ],
      children: [
        {
          name: "HelmRelease/a/web",
          source: "web",
          outcome: "skipped",
          findings: [{ severity: "note", message: "its chart comes from elsewhere" }],
          objects: [],
          children: [],
        },
      ],
    },
  ],
};
const entries = [{ path: "clusters/one", kind: "cluster" as const, unit }];
const report: Report = { repository: "/repo", entries, summary: summarise(entries) };

it("prints a tree with what is worth a look, each with its place", () => {
  expect(reportTree(report, picocolors.createColors(false))).toBe(`✔ clusters/one 0 objects
└── ✗ Kustomization/flux-system/apps apps 3 objects
    ├── ○ 1 object unchecked: no schema of Thing of example.org/v1
    ├── ✗ Service/a/bad
    │   ├── ✗ apps/s.yaml:7: a <b> & "c"\u0007
    │   └── ⚠ apps/s.yaml:7: old
    └── ○ HelmRelease/a/web web
        └── ○ its chart comes from elsewhere

1 entry, 1 Kustomization, 1 HelmRelease, 3 objects: 1 failed, 1 skipped, 1 unchecked, 1 warning
`);
});

it("prints JUnit with a suite for each unit and a case for each object", () => {
  const text = reportJunit(report);
  expect(text).toContain('<testsuites name="capstan" tests="6" failures="1" skipped="2">');
  expect(text).toContain(
    '<testcase classname="clusters/one: Kustomization/flux-system/apps" name="Service/a/bad" file="apps/s.yaml" line="7">',
  );
  expect(text).toContain(
    '<failure message="a &lt;b&gt; &amp; &quot;c&quot;\ufffd">apps/s.yaml:7: a &lt;b&gt;',
  );
  expect(text).toContain('<skipped message="its chart comes from elsewhere"/>');
  expect(text).toContain('<skipped message="no schema of example.org/v1"/>');
});
