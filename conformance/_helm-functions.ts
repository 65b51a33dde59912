/** What an argument is, or a call gives. */
export type Kind =
  | "string"
  | "int"
  | "small"
  | "float"
  | "number"
  | "bool"
  | "list"
  | "strings"
  | "map"
  | "time"
  | "any";

export interface KnownFunction {
  readonly name: string;
  readonly takes: readonly Kind[];
  /** What any number of further arguments are. */
  readonly more?: Kind;
  readonly gives: Kind;
  /** Writes the whole call where arguments have to fit each other. */
  readonly form?: (argument: (kind: Kind) => string) => string;
}

/** `name args… [more…] -> kind`, one a line: those whose results do not differ from run to run. */
const table = `
trim s -> s|upper s -> s|lower s -> s|title s -> s|untitle s -> s|swapcase s -> s|initials s -> s|nospace s -> s
snakecase s -> s|kebabcase s -> s|camelcase s -> s|repeat c s -> s|trunc i s -> s|substr c c s -> s|abbrev i s -> s
abbrevboth i i s -> s|wrap i s -> s|wrapWith i s s -> s|contains s s -> b|hasPrefix s s -> b|hasSuffix s s -> b
quote *a -> s|squote *a -> s|cat *a -> s|indent c s -> s|nindent c s -> s|replace s s s -> s|plural s s i -> s
split s s -> a|splitn s i s -> a|splitList s s -> l|join s l -> s|toString a -> s|toStrings a -> l|sortAlpha l -> l
trimAll s s -> s|trimPrefix s s -> s|trimSuffix s s -> s|regexQuoteMeta s -> s
default a *a -> a|empty a -> b|coalesce *a -> a|all *a -> b|any *a -> b|compact l -> l|ternary a a b -> a
typeOf a -> s|kindOf a -> s|typeIs s a -> b|kindIs s a -> b|typeIsLike s a -> b|deepEqual a a -> b
add *n -> n|sub n n -> n|mul n *n -> n|div n n -> n|mod n n -> n|add1 n -> n|addf *n -> f|subf n *n -> f|mulf n *n -> f
divf n *n -> f|add1f n -> f|max n *n -> n|min n *n -> n|maxf n *n -> f|minf n *n -> f|floor n -> f|ceil n -> f|round f c -> f
int a -> i|int64 a -> n|float64 a -> f|atoi s -> i|toDecimal a -> n|seq *c -> s|until c -> l|untilStep c c c -> l
list *a -> l|tuple *a -> l|first l -> a|last l -> a|rest l -> l|initial l -> l|append l a -> l|prepend l a -> l|push l a -> l
concat *l -> l|uniq l -> l|without l *a -> l|has a l -> b|slice l c c -> l|chunk c l -> l|reverse l -> l
mustFirst l -> a|mustLast l -> a|mustRest l -> l|mustInitial l -> l|mustAppend l a -> l|mustPrepend l a -> l|mustUniq l -> l
mustWithout l *a -> l|mustHas a l -> b|mustSlice l c c -> l|mustReverse l -> l|mustCompact l -> l|mustChunk c l -> l
get m s -> a|hasKey m s -> b|pluck s *m -> l|merge m *m -> m|mergeOverwrite m *m -> m|deepCopy a -> a|mustDeepCopy a -> a
set m s a -> m|unset m s -> m|pick m *s -> m|omit m *s -> m
toYaml a -> s|toJson a -> s|toPrettyJson a -> s|toRawJson a -> s|toYamlPretty a -> s|mustToJson a -> s|mustToYaml a -> s|mustToPrettyJson a -> s|mustToRawJson a -> s
toToml m -> s|fromYaml s -> m|fromJson s -> m|fromYamlArray s -> l|fromJsonArray s -> l|fromToml s -> m
b64enc s -> s|b64dec s -> s|b32enc s -> s|b32dec s -> s|sha1sum s -> s|sha256sum s -> s|sha512sum s -> s|adler32sum s -> s
date s t -> s|dateInZone s t s -> s|htmlDate t -> s|htmlDateInZone t s -> s|dateModify s t -> t|mustDateModify s t -> t|toDate s s -> t
duration s -> s|durationRound s -> s|unixEpoch t -> s
base s -> s|dir s -> s|clean s -> s|ext s -> s|isAbs s -> b|osBase s -> s|osDir s -> s|osClean s -> s|osExt s -> s|osIsAbs s -> b
urlParse s -> m|urlJoin m -> s|print *a -> s|println *a -> s|html *a -> s|js *a -> s|urlquery *a -> s
and a *a -> a|or a *a -> a|not a -> b|eq a a -> b|ne a a -> b|eq s s -> b|eq n n -> b|lt n n -> b|le s s -> b|gt n n -> b|ge s s -> b
len l -> i|len s -> i|len m -> i|index l c -> a|index m s -> a|index m *s -> a|required s a -> a|hello -> s
`;

const letters: Readonly<Record<string, Kind>> = {
  s: "string",
  i: "int",
  c: "small",
  f: "float",
  n: "number",
  b: "bool",
  l: "list",
  m: "map",
  t: "time",
  a: "any",
};

function parse(entry: string): KnownFunction {
  const [call = "", gives = ""] = entry.split("->").map((part) => part.trim());
  const [name = "", ...args] = call.split(" ");
  const kind = (letter: string): Kind => letters[letter] ?? "any";
  const more = args.find((arg) => arg.startsWith("*"));
  return {
    name,
    takes: args.filter((arg) => !arg.startsWith("*")).map(kind),
    gives: kind(gives),
    ...(more !== undefined && { more: kind(more.slice(1)) }),
  };
}

const choose = (items: readonly string[], at: string): string => {
  let hash = 7;
  for (const char of at) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003;
  return items[hash % items.length] ?? "";
};

const patterns = [
  "a+",
  "[a-z]+",
  "(\\\\w)(\\\\w)",
  "^.",
  ".$",
  "b*",
  "(?i)H.",
  "\\\\d+|x",
  "[^a-c ]",
  "(?P<n>o)",
  "\\\\s",
  "(",
  "",
  "é",
  "(?m)^l",
];
const formats = [
  "%v",
  "%d",
  "%s",
  "%q",
  "%5d|%-5s",
  "%05.2f",
  "%x",
  "%T %v",
  "%+v",
  "%t",
  "%c",
  "%U",
  "%e",
  "%g",
  "%08b",
  "%%",
  "%[2]v %[1]v",
  "%*d",
  "%#v",
  "%6.2f%%",
  "%o",
  "%X",
  "%.3s",
  "% x",
  "%#x",
  "%+d",
  "%#q",
  "%O",
  "%v %v %v",
  "%!",
  "%z",
];
const constraints = [
  ">=1.0.0",
  "^1.2",
  "~1.2.3",
  "<2.0.0-0",
  "1.x",
  "*",
  ">1 <3 || 5.x",
  "!=1.2.3",
  "1.2 - 1.4",
  "bad",
];
const versions = ["1.2.3", "v1.4.0-rc.1", "2", "1.2.3+meta", "0.0.1", "x"];
const layouts = [
  "2006-01-02",
  "Jan _2 15:04:05.000 MST",
  "Monday, 02-Jan-06",
  "2006-01-02T15:04:05Z07:00",
  "3:04PM -0700",
  "002 06 1 2",
];
const replacements = ["-", "$1", "${1}x", "$$", "<$0>", "$n", ""];

type Argument = (kind: Kind) => string;

function regexForms(): KnownFunction[] {
  return ["regex", "mustRegex"].flatMap((prefix): KnownFunction[] => {
    const form = (
      name: string,
      gives: Kind,
      write: (pattern: string, text: string, argument: Argument) => string,
    ): KnownFunction => ({
      name,
      takes: [],
      gives,
      form: (argument) => {
        const text = argument("string");
        return `${prefix}${name} "${choose(patterns, text)}" ${write("", text, argument)}`;
      },
    });
    return [
      form("Match", "bool", (_pattern, text) => text),
      form("Find", "string", (_pattern, text) => text),
      form("FindAll", "list", (_pattern, text, argument) => `${text} ${argument("small")}`),
      form("ReplaceAll", "string", (_pattern, text) => `${text} "${choose(replacements, `r${text}`)}"`),
      form("ReplaceAllLiteral", "string", (_pattern, text) => `${text} "${choose(replacements, text)}"`),
      form("Split", "list", (_pattern, text, argument) => `${text} ${argument("small")}`),
    ];
  });
}

/** Functions whose arguments have to fit each other. */
const forms: readonly KnownFunction[] = [
  ...regexForms(),
  ...[1, 2, 3].map(
    (count): KnownFunction => ({
      name: "printf",
      takes: [],
      gives: "string",
      form: (argument) => {
        const args = Array.from({ length: count }, (_, index) => argument(index === 1 ? "any" : "number"));
        return `printf "${choose(formats, args.join())}" ${args.join(" ")}`;
      },
    }),
  ),
  {
    name: "printf",
    takes: [],
    gives: "string",
    form: (argument) => {
      const text = argument("string");
      return `printf "${choose(["%s", "%q", "%10s|", "%-8.3s|", "%x", "%v-%s", "%T", "%+q", "% X", "%d"], text)}" ${text}`;
    },
  },
  {
    name: "printf",
    takes: [],
    gives: "string",
    form: (argument) => {
      const value = argument("any");
      return `printf "${choose(["%v", "%+v", "%T", "%s", "%d", "%q", "%#v", "%8v|", "%x"], value)}" ${value}`;
    },
  },
  {
    name: "semverCompare",
    takes: [],
    gives: "bool",
    form: (argument) => {
      const salt = argument("string");
      return `semverCompare "${choose(constraints, salt)}" "${choose(versions, `${salt}v`)}"`;
    },
  },
  {
    name: "semver",
    takes: [],
    gives: "any",
    form: (argument) =>
      `(semver "${choose(versions, argument("any"))}").${choose(["Major", "Minor", "Original", "Prerelease"], argument("any"))}`,
  },
  {
    name: "date",
    takes: [],
    gives: "string",
    form: (argument) => {
      const time = argument("time");
      return `dateInZone "${choose(layouts, time)}" ${time} "${choose(["UTC", "Europe/Berlin", "America/New_York", "Nope"], `${time}z`)}"`;
    },
  },
  {
    name: "dig",
    takes: [],
    gives: "any",
    form: (argument) =>
      `dig "${choose(["a", "s", "m"], argument("any"))}" "b" ${argument("any")} ${argument("map")}`,
  },
  {
    name: "dict",
    takes: [],
    gives: "map",
    form: (argument) => `dict "k" ${argument("any")} "a" ${argument("any")} "z-1" ${argument("number")}`,
  },
  { name: "keys", takes: [], gives: "list", form: (argument) => `keys ${argument("map")} | sortAlpha` },
  { name: "values", takes: [], gives: "list", form: (argument) => `values ${argument("map")} | sortAlpha` },
  {
    name: "derivePassword",
    takes: [],
    gives: "string",
    form: (argument) => `sha256sum (b64enc ${argument("string")})`,
  },
];

/** The functions that random templates call. */
export const functions: readonly KnownFunction[] = [
  ...table
    .trim()
    .split(/[|\n]/)
    .map((entry) => parse(entry.trim())),
  ...forms,
];
