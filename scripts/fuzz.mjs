// `node scripts/fuzz.mjs NAME [SECONDS] [SEED] [KEEP]`: composes random input for an engine and compares with
// the real tool. Prints the seeds that come out differently as they are found, and every ten minutes how many
// were tried; their input is kept in the folder KEEP. Exit status 1 when there are any.
import { loadModule } from "./run-modules.mjs";
import { ensureBuilt } from "./workspace.mjs";

const [name, seconds = "60", seed, keep] = process.argv.slice(2);
if (name === undefined) {
  console.error("usage: node scripts/fuzz.mjs NAME [SECONDS] [SEED] [KEEP]");
  process.exit(2);
}
await ensureBuilt();
const { run } = await loadModule("conformance", `fuzz-${name}`);
const { passed, failures } = await run({
  seconds: Number(seconds),
  ...(seed !== undefined && { seed: Number(seed) }),
  ...(keep !== undefined && { keep }),
  onFailure: (failure) => console.log(`  ✗ ${failure.name}: ${failure.reason}`),
  onProgress: (tried) => console.log(`  ${tried} tried`),
});
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length > 0 ? 1 : 0);
