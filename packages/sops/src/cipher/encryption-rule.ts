import { RE2JS } from "re2js";
import { SopsError } from "../errors.js";
import type { EncryptionRules } from "../metadata/metadata.js";

/** Comments above a value, one list per level of nesting; the innermost comes last. */
export type CommentStack = readonly (readonly string[])[];

/** Whether the value at `path`, with these comments above it, is encrypted. */
export type EncryptionRule = (path: readonly string[], comments: CommentStack, isComment: boolean) => boolean;

/**
 * The rule of a file's metadata as a function. A pattern that cannot be read matches nothing, as in SOPS.
 */
export function encryptionRule(rules: EncryptionRules): EncryptionRule {
  const { unencryptedSuffix, encryptedSuffix, unencryptedRegex, encryptedRegex } = rules;
  if (encryptedSuffix !== undefined) return (path) => path.some((part) => part.endsWith(encryptedSuffix));
  if (unencryptedRegex !== undefined) return not(matcher(unencryptedRegex));
  if (encryptedRegex !== undefined) {
    const matches = matcher(encryptedRegex);
    return (path) => path.some(matches);
  }
  if (rules.unencryptedCommentRegex !== undefined) {
    const matches = matcher(rules.unencryptedCommentRegex);
    return (_, comments) => !comments.some((level) => level.some(matches));
  }
  if (rules.encryptedCommentRegex !== undefined) return underComment(matcher(rules.encryptedCommentRegex));
  const suffix = unencryptedSuffix;
  return suffix === undefined ? () => true : (path) => !path.some((part) => part.endsWith(suffix));
}

function not(matches: (text: string) => boolean): EncryptionRule {
  return (path) => !path.some(matches);
}

/** The comment that asks for encryption stays readable itself. */
function underComment(matches: (text: string) => boolean): EncryptionRule {
  return (_, comments, isComment) => {
    const last = comments.length - 1;
    return comments.some((level, at) =>
      level.some(
        (comment, index) => !(isComment && at === last && index === level.length - 1) && matches(comment),
      ),
    );
  };
}

function matcher(pattern: string): (text: string) => boolean {
  const known = new Map<string, boolean>();
  const expression = compile(pattern);
  if (expression === undefined) return () => false;
  return (text) => {
    let result = known.get(text);
    if (result === undefined) {
      result = expression.matcher(text).find();
      known.set(text, result);
    }
    return result;
  };
}

function compile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new SopsError("too-large", "an encryption rule is too complex", { cause });
    // SOPS does not look at what its compiler says; such a rule encrypts or spares everything.
    return undefined;
  }
}
