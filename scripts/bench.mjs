// `npm run bench -- [NAME…]`: one line a figure, `name value unit`. Without names: every benchmark.
import { loadModule, moduleNames } from "./run-modules.mjs";
import { ensureBuilt } from "./workspace.mjs";

await ensureBuilt();
const known = moduleNames("bench");
const names = process.argv.slice(2);
for (const name of names) {
  if (!known.includes(name)) {
    console.error(`no benchmark ${name}; there are: ${known.join(", ")}`);
    process.exit(2);
  }
}
for (const name of names.length > 0 ? names : known) {
  const { run } = await loadModule("bench", name);
  await run((figure, value, unit) =>
    console.log(`${name}.${figure} ${Number(value.toPrecision(4))} ${unit}`),
  );
}
process.exit(0);
