// `npm test`: sets up what is missing, then runs the unit and property tests.
import { ensureBuilt, runTool } from "./workspace.mjs";

await ensureBuilt();
runTool("vitest", [
  "run",
  "--reporter=default",
  "--reporter=./scripts/summary-reporter.mjs",
  ...process.argv.slice(2),
]);
