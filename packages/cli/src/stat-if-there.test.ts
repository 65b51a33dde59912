import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CommandError } from "./exit-code.js";
import { statIfThere } from "./stat-if-there.js";

it("tells what is not there from what cannot be looked at", async () => {
  const directory = await mkdtemp(join(tmpdir(), "capstan-stat-"));
  try {
    await writeFile(join(directory, "file"), "x");
    await symlink("loop", join(directory, "loop"));
    expect((await statIfThere(directory))?.isDirectory()).toBe(true);
    expect(await statIfThere(join(directory, "nothing"))).toBeUndefined();
    expect(await statIfThere(join(directory, "file", "below"))).toBeUndefined();
    const looped = statIfThere(join(directory, "loop"));
    await expect(looped).rejects.toBeInstanceOf(CommandError);
    await expect(looped).rejects.toThrow("loop cannot be looked at: ELOOP");
  } finally {
    await rm(directory, { recursive: true });
  }
});
