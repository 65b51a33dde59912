const reserved = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);
const expansions = new Map([
  ["__", "__underscores__"],
  [".", "__dot__"],
  ["-", "__dash__"],
  ["/", "__slash__"],
]);
const contractions = new Map([...expansions].map(([plain, escaped]) => [escaped, plain]));

/**
 * The name under which an expression reaches a property, `my-prop` as `my__dash__prop`; undefined for a
 * property that no expression can name.
 */
export function escapeProperty(name: string): string | undefined {
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined;
  if (reserved.has(name)) return `__${name}__`;
  return name.replace(/__|[-./]/g, (part) => expansions.get(part) ?? part);
}

/** The property that an escaped name stands for; undefined when it is no escaped name. */
export function unescapeProperty(name: string): string | undefined {
  let valid = true;
  const plain = name.replace(/__[^_]+__/g, (part) => {
    const known = contractions.get(part);
    if (known !== undefined) return known;
    const word = part.slice(2, -2);
    if (reserved.has(word) && part.length === name.length) return word;
    valid = false;
    return "";
  });
  return valid ? plain : undefined;
}
