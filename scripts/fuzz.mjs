// `node scripts/fuzz.mjs NAME [SECONDS] [SEED]`: composes random input for an engine and compares with the
// real tool. Prints the seeds that come out differently; exit status 1 when there are any.
import { loadModule } from "./run-modules.mjs";
import { ensureBuilt } from "./workspace.mjs";

const [name, seconds = "60", seed] = process.argv.slice(2);
if (name === undefined) {
  console.error("usage: node scripts/fuzz.mjs NAME [SECONDS] [SEED]");
  process.exit(2);
}
await ensureBuilt();
const { run } = await loadModule("conformance", `fuzz-${name}`);
const options = { seconds: Number(seconds), ...(seed !== undefined && { seed: Number(seed) }) };
const { passed, failures } = await run(options);
for (const failure of failures) console.log(`  ✗ ${failure.name}: ${failure.reason}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length > 0 ? 1 : 0);
