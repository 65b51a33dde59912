import { functions, type Kind, type KnownFunction } from "./_helm-functions.js";
import { Dice } from "./_kustomize-random.js";

/** A template's text, the templates it includes, and the values it sees. */
export interface RandomTemplate {
  readonly definition: string;
  readonly body: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const strings = [
  ..."a|b|abc|Hello World|foo-bar_baz|HTTPServer2|  pad  |a,b,c|1.2.3|v1.10.0-rc.1+b5|0x1F|017|08|-7|3.9|1e3|true|null|~".split(
    "|",
  ),
  "",
  "é ü ß",
  "日本語",
  "a\nb\n",
  "line one\n  line two\n\nend",
  "tab\there",
  "quote \" and ' and `",
  "back\\slash",
  "key: value",
  "# comment",
  "- item",
  "a: 1\nb: [x, y]\n",
  '{"k": [1, 2.5, null]}',
  "<a href='x'>&</a>",
  "😀",
  "2020-01-02",
  "2021-06-07T08:09:10Z",
  "1h30m",
  "http://user:pw@example.com:8080/p/q?x=1#frag",
  "/usr/../local/./bin.tar.gz",
  "YWJj",
  "the quick brown fox jumps over the lazy dog and then runs away from the very large brown bear again",
  "yes",
  "12:30",
  "$1-x",
];
const numbers = [
  0, 1, 2, 3, 5, -1, -7, 10, 100, 65, 8080, 1.5, -0.25, 0.1, 1e6, 1234567, 1e21, 123456789012, 0.00001, 2.5,
];
const keys = ["s", "n", "b", "l", "m", "x", "k", "name", "a-b", "1"];

const scalar = (dice: Dice): unknown =>
  dice.pick<() => unknown>([
    () => dice.pick(strings),
    () => dice.pick(strings),
    () => dice.pick(numbers),
    () => dice.chance(50),
    () => null,
  ])();

function data(dice: Dice, depth: number): unknown {
  if (depth <= 0 || dice.chance(45)) return scalar(dice);
  if (dice.chance(50)) return dice.times(4, () => data(dice, depth - 1));
  return mapping(dice, depth);
}

function mapping(dice: Dice, depth: number): Record<string, unknown> {
  return Object.fromEntries(dice.some(keys, 40).map((key) => [key, data(dice, depth - 1)]));
}

/** Values with one entry of each kind under fixed names, so that expressions can find what they need. */
function randomValues(dice: Dice): Record<string, unknown> {
  return {
    s: dice.pick(strings),
    t: dice.pick(strings),
    n: dice.pick(numbers),
    b: dice.chance(50),
    l: dice.times(4, () => data(dice, 2)),
    ls: dice.times(4, () => dice.pick(strings)),
    m: mapping(dice, 3),
    d: { a: { b: { c: scalar(dice) } }, e: mapping(dice, 2) },
    x: data(dice, 3),
  };
}

interface Scope {
  readonly variables: readonly string[];
  /** Inside `range` or `with`: dot is something else. */
  readonly moved: boolean;
  readonly inRange: boolean;
  /** Nothing is known but dot. */
  readonly dotOnly?: boolean;
}

const literal = (text: string, dice: Dice): string =>
  dice.chance(25) && !text.includes("`") ? `\`${text}\`` : JSON.stringify(text);

const integers = ["0", "1", "2", "3", "5", "-1", "-2", "10", "0x1F", "017", "1_000", "'a'", "7"];
const floats = ["1.5", "2.0", "-0.5", "1e3", ".5", "1e6", "100000.5", "3.14159"];

class Composer {
  private readonly dice: Dice;
  private nesting = 0;

  constructor(dice: Dice) {
    this.dice = dice;
  }

  /** An expression of a kind, in parentheses where it has to be. */
  argument(kind: Kind, scope: Scope, depth: number): string {
    const { dice } = this;
    const wanted = dice.chance(2)
      ? dice.pick<Kind>(["string", "int", "any", "list", "map", "float", "bool"])
      : kind;
    if (depth > 0 && dice.chance(55)) return `(${this.call(wanted, scope, depth - 1)})`;
    return this.simple(wanted, scope);
  }

  private simple(kind: Kind, scope: Scope): string {
    const { dice } = this;
    const root = scope.moved ? "$" : dice.chance(10) ? "$" : "";
    const variables = scope.variables;
    if (variables.length > 0 && dice.chance(kind === "any" ? 30 : 3)) return dice.pick(variables);
    if (scope.dotOnly === true) return this.fixed(kind);
    switch (kind) {
      case "string":
        return dice.chance(45) ? `${root}.${dice.pick(["s", "t"])}` : literal(dice.pick(strings), dice);
      case "int":
        return dice.pick(integers);
      case "small":
        return dice.pick(["0", "1", "2", "3", "5", "10", "-1"]);
      case "float":
        return dice.chance(40) ? `${root}.n` : dice.pick(floats);
      case "number":
        return dice.pick([`${root}.n`, dice.pick(integers), dice.pick(floats), `(int ${root}.n)`]);
      case "bool":
        return dice.pick(["true", "false", `${root}.b`]);
      case "list":
        return dice.pick([
          `${root}.l`,
          `${root}.ls`,
          `(list 1 "a" ${root}.n nil)`,
          `(list "b" "a" "c")`,
          "(list)",
        ]);
      case "strings":
        return dice.pick([`${root}.ls`, '(list "b" "a" "c")', '(splitList "," "x,y,z")']);
      case "map":
        return dice.pick([`${root}.m`, `${root}.d`, `${root}.d.e`, '(dict "a" 1 "b" (list 1 2))', "(dict)"]);
      case "time":
        return dice.pick([
          '(toDate "2006-01-02" "2021-03-04")',
          '(toDate "2006-01-02T15:04:05Z07:00" "1999-12-31T23:59:58Z")',
          '(toDate "2006-01-02" "2020-02-29")',
        ]);
      default:
        return this.anything(root, scope);
    }
  }

  /** An operand for templates that are called with anything as dot. */
  private fixed(kind: Kind): string {
    const { dice } = this;
    const known: Partial<Record<Kind, readonly string[]>> = {
      int: integers,
      small: ["0", "1", "2", "3"],
      float: floats,
      number: [...integers, ...floats],
      bool: ["true", "false"],
      list: ["(list . 1)", "(list)"],
      strings: ['(list "b" "a")'],
      map: ['(dict "k" .)', "(dict)"],
      string: ["(toString .)", "(toJson .)", '"abc"'],
      time: ['(toDate "2006-01-02" "2021-03-04")'],
    };
    return dice.pick(known[kind] ?? ["."]);
  }

  private anything(root: string, scope: Scope): string {
    const { dice } = this;
    return dice.pick([
      `${root}.x`,
      `${root}.${dice.pick(["s", "n", "b", "l", "m", "missing"])}`,
      `${root}.d.a.b.c`,
      `${root}.m.${dice.pick(["s", "k", "name", "n"])}`,
      ...(scope.moved ? ["."] : []),
      literal(dice.pick(strings), dice),
      dice.pick(integers),
      dice.pick(floats),
      "true",
      "nil",
    ]);
  }

  /** A call of a function that gives a kind; now and then its last argument comes through a pipe. */
  call(kind: Kind, scope: Scope, depth: number): string {
    const { dice } = this;
    const fitting = functions.filter((candidate) => candidate.gives === kind || kind === "any");
    const fallback = { string: "toString", int: "int", bool: "not", float: "float64" } as const;
    if (fitting.length === 0) {
      return kind in fallback
        ? `${fallback[kind as keyof typeof fallback]} ${this.argument("any", scope, depth)}`
        : this.simple(kind, scope);
    }
    return this.callTo(dice.pick(fitting), scope, depth);
  }

  /** A call of one function. */
  callTo(chosen: KnownFunction, scope: Scope, depth: number): string {
    const { dice } = this;
    if (chosen.form !== undefined) return chosen.form((wanted) => this.argument(wanted, scope, depth));
    const takes = [...chosen.takes];
    if (chosen.more !== undefined)
      for (let extra = dice.int(4); extra > 0; extra -= 1) takes.push(chosen.more);
    const args = takes.map((wanted) => this.argument(wanted, scope, depth));
    const last = args.at(-1);
    if (last !== undefined && last !== "nil" && dice.chance(30)) {
      return `${last} | ${[chosen.name, ...args.slice(0, -1)].join(" ")}`;
    }
    return [chosen.name, ...args].join(" ");
  }

  pipeline(scope: Scope): string {
    return this.call(
      this.dice.pick<Kind>(["any", "string", "any", "bool", "list", "map", "number", "float"]),
      scope,
      this.dice.int(4),
    );
  }

  private open(): string {
    return this.dice.chance(25) ? "{{- " : this.dice.chance(50) ? "{{ " : "{{";
  }

  private close(): string {
    return this.dice.chance(25) ? " -}}" : this.dice.chance(50) ? " }}" : "}}";
  }

  action(text: string): string {
    const open = this.open();
    return `${open === "{{" && /^[-/]/.test(text) ? "{{ " : open}${text}${this.close()}`;
  }

  private plain(): string {
    return this.dice.pick([
      "x",
      " ",
      "\n",
      "\n  ",
      "a: ",
      "é",
      "\r\n",
      "  y\n\n",
      "{ ",
      "}",
      "-",
      "<no value>",
      "\t",
    ]);
  }

  block(scope: Scope, size: number): string {
    let text = "";
    let inner = scope;
    for (let left = 1 + this.dice.int(size); left > 0; left -= 1) {
      text += this.plain();
      if (this.dice.chance(12)) {
        const name = `$v${inner.variables.length}`;
        text += this.action(`${name} := ${this.pipeline(inner)}`);
        inner = { ...inner, variables: [...inner.variables, name] };
      } else text += this.statement(inner, size);
    }
    return text + this.plain();
  }

  private statement(scope: Scope, size: number): string {
    const { dice } = this;
    if (this.nesting > 3 || dice.chance(55)) return this.action(this.pipeline(scope));
    this.nesting += 1;
    const text = dice.pick<() => string>([
      () => this.branch("if", scope, size),
      () => this.branch("if", scope, size),
      () => this.branch("with", { ...scope, moved: true }, size, scope),
      () => this.loop(scope, size),
      () => this.loop(scope, size),
      () =>
        dice.pick(
          [
            "{{/* c */}}",
            "{{- /* {{ x }} */ -}}",
            "{{/* a\nb */ -}}",
            "{{- /* }} */}}",
            "{{ /* bad */ }}",
          ].slice(0, dice.chance(5) ? 5 : 4),
        ),
      () =>
        scope.variables.length > 0
          ? this.action(`${dice.pick(scope.variables)} = ${this.pipeline(scope)}`)
          : "",
      () => this.action(`template "PREFIX.t" ${this.argument("any", scope, 1)}`),
      () =>
        this.action(
          `include "PREFIX.t" ${this.argument("any", scope, 1)} | ${dice.pick(["quote", "upper", "trim", "indent 2", "len", "b64enc"])}`,
        ),
      () =>
        this.action(
          `tpl ${literal(dice.pick(["{{ . }}", "{{ .s | quote }}", "{{ if . }}y{{ else }}n{{ end }}", "{{ range . }}{{ . }},{{ end }}", "{{ missing }}", "plain", "{{ .zz }}"]), dice)} ${this.argument("any", scope, 1)}`,
        ),
      () => (scope.inRange ? this.action(dice.pick(["break", "continue"])) : ""),
    ])();
    this.nesting -= 1;
    return text;
  }

  private branch(word: string, scope: Scope, size: number, outside = scope): string {
    const { dice } = this;
    const declared = dice.chance(20) ? `$v${scope.variables.length}` : undefined;
    const head = declared === undefined ? "" : `${declared} := `;
    const known = declared === undefined ? scope : { ...scope, variables: [...scope.variables, declared] };
    const elseKnown =
      declared === undefined ? outside : { ...outside, variables: [...outside.variables, declared] };
    let text = this.action(`${word} ${head}${this.pipeline(outside)}`) + this.block(known, size - 1);
    if (dice.chance(25))
      text += this.action(`else ${word} ${this.pipeline(elseKnown)}`) + this.block(known, size - 1);
    if (dice.chance(40)) text += this.action("else") + this.block(elseKnown, size - 1);
    return text + this.action("end");
  }

  private loop(scope: Scope, size: number): string {
    const { dice } = this;
    const count = scope.variables.length;
    const declared = dice.pick([[], [], [`$v${count}`], [`$v${count}`, `$v${count + 1}`]]);
    const head = declared.length === 0 ? "" : `${declared.join(", ")} := `;
    const over = dice.pick<Kind>(["list", "map", "strings", "small", "any"]);
    const variables = [...scope.variables, ...declared];
    let text = this.action(`range ${head}${this.argument(over, scope, 2)}`);
    text += this.block({ variables, moved: true, inRange: true }, size - 1);
    if (dice.chance(30))
      text += this.action("else") + this.block({ ...scope, variables: scope.variables }, size - 1);
    return text + this.action("end");
  }
}

/** The text with a character too many or too few somewhere. */
function damaged(text: string, dice: Dice): string {
  const at = dice.int(text.length);
  const extra = dice.pick(["", "", ...`{}()|$".'\`,:=-%é 1a\n`]);
  return text.slice(0, at) + extra + text.slice(extra === "" ? at + 1 : at);
}

/** A random template; the templates it calls are named below `prefix`. */
export function randomTemplate(seed: number, prefix: string): RandomTemplate {
  const dice = new Dice(seed);
  const composer = new Composer(dice);
  const root: Scope = { variables: [], moved: false, inRange: false };
  const values = randomValues(dice);
  const body = composer.block(root, 3);
  const shown = composer.action(composer.call("any", { ...root, dotOnly: true }, 2));
  const definition = `{{ define "${prefix}.t" }}<${shown}>{{ end }}`;
  const text = body.replaceAll("PREFIX", prefix);
  return { definition, body: dice.chance(6) ? damaged(text, dice) : text, values };
}

/** A call of one function with random arguments. */
export function callOf(known: KnownFunction, dice: Dice, depth: number): string {
  return new Composer(dice).callTo(known, { variables: [], moved: false, inRange: false }, depth);
}
