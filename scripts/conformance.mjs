// `npm run conformance -- [NAME…]`: per engine `name passed/total` and what failed; exit status 1
// when something failed. Without names: every engine.
import { ensurePeers } from "./peers.mjs";
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
if (selected.some((name) => name.startsWith("kustomize") || name === "control-plane")) await offerPeers();
let passed = 0;
let failed = 0;
for (const name of selected) {
  const { run } = await loadModule("conformance", name);
  const result = await run({});
  passed += result.passed;
  failed += result.failures.length;
  if (result.total === 0) console.log(`${name} ${skipped(result.note)}`);
  else console.log(`${name} ${result.passed}/${result.total}${excluded(result.excluded)}`);
  for (const group of result.groups ?? []) console.log(`  ${group.name} ${group.passed}/${group.total}`);
  for (const failure of result.failures) console.log(`  ✗ ${failure.name}: ${failure.reason}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** Cases with Helm charts are compared through the real helm; without it they are left out. */
async function offerPeers() {
  try {
    const peers = await ensurePeers();
    process.env.CAPSTAN_KUBECTL = peers.kubectl;
    process.env.CAPSTAN_HELM = peers.helm;
  } catch (error) {
    console.error(`capstan: going on without kubectl and helm: ${error.message}`);
  }
}

function skipped(note = "no cases") {
  return note.startsWith("skipped: ") ? note : `skipped: ${note}`;
}

/** Cases outside what an engine promises, each listed with its reason by the module. */
function excluded(cases = []) {
  return cases.length === 0 ? "" : ` (${cases.length} outside its scope)`;
}
