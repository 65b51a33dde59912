// `npm run e2e -- [NAME…]`: drives the built capstan with the real git, kubectl and helm, and servers of others.
import { ensurePeers, ensureS3Server } from "./peers.mjs";
import { ensureBuilt, runTool } from "./workspace.mjs";

await ensureBuilt();
const peers = await ensurePeers();
const s3Server = ensureS3Server();
runTool(
  "vitest",
  [
    "run",
    "--config",
    "vitest.e2e.config.ts",
    "--reporter=verbose",
    "--reporter=./scripts/summary-reporter.mjs",
    ...process.argv.slice(2),
  ],
  {
    env: {
      ...process.env,
      CAPSTAN_KUBECTL: peers.kubectl,
      CAPSTAN_HELM: peers.helm,
      CAPSTAN_S3_SERVER: s3Server,
    },
  },
);
