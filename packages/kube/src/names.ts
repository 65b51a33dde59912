const dns1123Label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dns1123Subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const dns1035Label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const labelRegex = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const nameRegex = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const labelMessage =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const dns1035Message =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const qualifiedMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const valueMessage =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

// Every function answers in the words of Kubernetes' apimachinery; no messages mean that the text is fine.

/** Whether `text` can be a namespace's name, a Service's port name and the like: at most 63 characters. */
export function isDns1123Label(text: string): string[] {
  const faults = tooLong(text, 63, "characters");
  if (text.length > 4096 || !dns1123Label.test(text)) {
    const dotted = text.length <= 4096 && dns1123Subdomain.test(text);
    faults.push(
      dotted ? "must not contain dots" : withExample(labelMessage, labelRegex, ["my-name", "123-abc"]),
    );
  }
  return faults;
}

/** Whether `text` can be the name of most objects: at most 253 characters. */
export function isDns1123Subdomain(text: string): string[] {
  const faults = tooLong(text, 253, "characters");
  if (text.length > 4096 || !dns1123Subdomain.test(text)) {
    faults.push(withExample(subdomainMessage, `${labelRegex}(\\.${labelRegex})*`, ["example.com"]));
  }
  return faults;
}

/** Whether `text` can be a Service's name: at most 63 characters, starting with a letter. */
export function isDns1035Label(text: string): string[] {
  const faults = tooLong(text, 63, "characters");
  if (text.length > 4096 || !dns1035Label.test(text)) {
    faults.push(withExample(dns1035Message, "[a-z]([-a-z0-9]*[a-z0-9])?", ["my-name", "abc-123"]));
  }
  return faults;
}

/** Whether `text` can be the key of a label or an annotation: a name, perhaps after a domain and a slash. */
export function isQualifiedName(text: string): string[] {
  const parts = text.split("/");
  const [prefix, name] = parts.length === 2 ? [parts[0], parts[1] ?? ""] : [undefined, parts[0] ?? ""];
  const faults: string[] = [];
  const hint = withExample(qualifiedMessage, nameRegex, ["MyName", "my.name", "123-abc"]);
  if (parts.length > 2) {
    return [
      `a valid label key ${hint} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (prefix === "") faults.push("prefix part must be non-empty");
  else if (prefix !== undefined)
    faults.push(...isDns1123Subdomain(prefix).map((fault) => `prefix part ${fault}`));
  if (name === "") faults.push("name part must be non-empty");
  else if (name.length > 63) faults.push("name part must be no more than 63 bytes");
  if (name.length > 4096 || !qualifiedName.test(name)) faults.push(`name part ${hint}`);
  return faults;
}

/** Whether `text` can be the value of a label: at most 63 characters, the empty text included. */
export function isLabelValue(text: string): string[] {
  const faults = tooLong(text, 63, "bytes");
  if (text.length > 4096 || !labelValue.test(text)) {
    faults.push(withExample(valueMessage, `(${nameRegex})?`, ["MyValue", "my_value", "12345"]));
  }
  return faults;
}

function tooLong(text: string, most: number, unit: "bytes" | "characters"): string[] {
  return text.length > most ? [`must be no more than ${most} ${unit}`] : [];
}

function withExample(message: string, regex: string, examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}'`).join(",  or ");
  return `${message} (e.g. ${shown}, regex used for validation is '${regex}')`;
}
