// `npm run conformance -- [NAME…]`: per engine `name passed/total` and what failed; exit status 1
// when something failed. Without names: every engine.
import { loadModule, moduleNames } from "./run-modules.mjs";
import { ensureBuilt } from "./workspace.mjs";

await ensureBuilt();
const known = moduleNames("conformance").filter((name) => !name.startsWith("fuzz-"));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const selected = known.filter(
  (name) => names.length === 0 || names.some((wanted) => name === wanted || name.startsWith(`${wanted}-`)),
);
if (selected.length === 0) {
  console.error(`no such engine; there are: ${known.join(", ")}`);
  process.exit(2);
}
let passed = 0;
let failed = 0;
for (const name of selected) {
  const { run } = await loadModule("conformance", name);
  const result = await run({});
  passed += result.passed;
  failed += result.failures.length;
  if (result.total === 0) console.log(`${name} skipped: ${result.note ?? "no cases"}`);
  else console.log(`${name} ${result.passed}/${result.total}`);
  for (const failure of result.failures) console.log(`  ✗ ${failure.name}: ${failure.reason}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
