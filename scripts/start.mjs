// `npm start`: sets up what is missing, then runs `capstan up` in this very process.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuilt, root } from "./workspace.mjs";

await ensureBuilt();
process.argv = [process.argv[0], "capstan", "up", ...process.argv.slice(2)];
await import(pathToFileURL(join(root, "packages/cli/dist/bundle/capstan.js")).href);
