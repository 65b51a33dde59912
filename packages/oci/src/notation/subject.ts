/** A distinguished name: values by attribute. */
export type Subject = ReadonlyMap<string, string>;

const MANDATORY = ["C", "ST", "O"];

/** Reads `C=US, ST=WA, O=Example`; a text that says what is wrong with it, else. */
export function parseSubject(text: string): Subject | string {
  const parts = split(text);
  const subject = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf("=");
    if (equals <= 0) return `${JSON.stringify(part)} is no attribute with a value`;
    const name = attributeName(part.slice(0, equals));
    if (subject.has(name)) return `the attribute ${name} is given twice`;
    subject.set(name, withoutEscapes(part.slice(equals + 1).trim()));
  }
  const missing = MANDATORY.find((name) => !subject.has(name));
  return missing === undefined ? subject : `the attribute ${missing} is missing`;
}

/** The subject of a certificate as Node prints it, an attribute a line. */
export function subjectOfCertificate(lines: string): Subject {
  const subject = new Map<string, string>();
  for (const line of lines.split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) subject.set(attributeName(line.slice(0, equals)), withoutEscapes(line.slice(equals + 1)));
  }
  return subject;
}

/** Whether a subject has everything that another one asks for. */
export function includesSubject(subject: Subject, wanted: Subject): boolean {
  return [...wanted].every(([name, value]) => subject.get(name) === value);
}

function attributeName(text: string): string {
  const name = text.trim().toUpperCase();
  return name === "S" ? "ST" : name;
}

/** Cuts at commas and semicolons that no backslash stands before. */
function split(text: string): string[] {
  const parts: string[] = [];
  let current = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "\\") current += char + (text[++at] ?? "");
    else if (char === "," || char === ";") {
      parts.push(current);
      current = "";
    } else current += char;
  }
  return [...parts, current].map((part) => part.trim()).filter((part) => part !== "");
}

function withoutEscapes(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}
