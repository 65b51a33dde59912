/** One member of a JSON document, and where its message has it. */
export interface GnosticField {
  /** The member's name in JSON; `*` for all of what the message is made of. */
  readonly name: string;
  /** Numbers of the messages around the field that JSON does not have. */
  readonly path: readonly number[];
  readonly number: number;
  /** Lists repeat the field; maps repeat it with messages of name (1) and value (2). */
  readonly shape: "single" | "list" | "map";
  /** `string`, `bool`, `int64`, `double`, `any`, or the name of a message or of a choice of messages. */
  readonly type: string;
}

export interface GnosticMessage {
  readonly fields: readonly GnosticField[];
  /** Field number of the vendor extensions; 0 where the message takes none. */
  readonly extensions: number;
}

export interface Variant {
  /** Numbers of the fields on the way to the value, within the message of the choice. */
  readonly path: readonly number[];
  readonly message: string;
}

/** Messages that hold one of several, by what the JSON value is. */
export type Choices = Readonly<Record<string, (value: unknown) => Variant>>;

/** The messages of one edition of OpenAPI. */
export class GnosticMessages {
  readonly #text: string;
  readonly #choices: Choices;
  #messages: ReadonlyMap<string, GnosticMessage> | undefined;

  /**
   * `text` has a message a line: its name, then the members of its JSON with their field numbers.
   * `properties=25/1{}Schema`: field 25 holds a message whose field 1 is a map of schemas; `[]` is a list,
   * and no type a string. `x` are the vendor extensions. It is read when it is first needed.
   */
  constructor(text: string, choices: Choices) {
    this.#text = text;
    this.#choices = choices;
  }

  /** The message of that name. Throws where there is none. */
  find(name: string): GnosticMessage {
    this.#messages ??= new Map(
      this.#text
        .trim()
        .split("\n")
        .map((line) => {
          const [message = "", ...members] = line.split(" ");
          return [message, parseMessage(members)] as const;
        }),
    );
    const message = this.#messages.get(name);
    if (message === undefined) throw new TypeError(`there is no message ${name}`);
    return message;
  }

  /** Which message a value of a type is, and where within the type's own message. */
  variantOf(type: string, value: unknown): Variant {
    return this.#choices[type]?.(value) ?? { path: [], message: type };
  }
}

function parseMessage(members: readonly string[]): GnosticMessage {
  const extensions = members.find((member) => member.startsWith("x="));
  return {
    fields: members.filter((member) => member !== extensions).map(parseField),
    extensions: extensions === undefined ? 0 : Number(extensions.slice(2)),
  };
}

function parseField(text: string): GnosticField {
  const match = /^([*$\w]+)=([\d/]+)(\[\]|\{\}|:)?(\w+)?$/.exec(text);
  if (match === null) throw new TypeError(`malformed field ${text}`);
  const [, name = "", numbers = "", shape, type = "string"] = match;
  const path = numbers.split("/").map(Number);
  return {
    name,
    number: path.pop() ?? 0,
    path,
    shape: shape === "[]" ? "list" : shape === "{}" ? "map" : "single",
    type,
  };
}

/** A member of a JSON object. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
