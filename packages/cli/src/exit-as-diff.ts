import { CommandError, exitCode } from "./exit-code.js";

/**
 * The exit code of a comparison, as `flux diff`, `kubectl diff` and `diff` have it: 0 where nothing differs, 1 where
 * something does. What fails gets a code above that, so that nobody takes a failure for a difference.
 *
 * @throws CommandError for every failure
 */
export async function exitAsDiff(compare: () => Promise<boolean>): Promise<number> {
  try {
    return (await compare()) ? exitCode.differs : exitCode.ok;
  } catch (error) {
    if (error instanceof CommandError) {
      if (error.code !== exitCode.failure) throw error;
      throw new CommandError(error.message, exitCode.usage, { cause: error });
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new CommandError(text, exitCode.usage, { cause: error });
  }
}
