import type { Type as ProtoType } from "@bufbuild/cel-spec/cel/expr/checked_pb.js";
import type { Value as ProtoValue } from "@bufbuild/cel-spec/cel/expr/value_pb.js";
import { getTestRegistry } from "@bufbuild/cel-spec/testdata/registry.js";
import type { Duration as ProtoDuration, Timestamp as ProtoTimestamp } from "@bufbuild/protobuf/wkt";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  adapt,
  anyType,
  boolType,
  bytesType,
  CelDouble,
  type CelType,
  CelUint,
  compile,
  doubleType,
  durationType,
  dynType,
  type Expr,
  intType,
  type Literal,
  listType,
  mapType,
  nullType,
  opaqueType,
  standardEnvironment,
  stringType,
  timestampType,
  typeParam,
  typeType,
  uintType,
  type Value,
  wrapperType,
} from "../index.js";

/** Thrown for test data that only protobuf messages can express. */
export class MessageNeeded extends Error {}

const registry = getTestRegistry();
const primitives = [dynType, boolType, intType, uintType, doubleType, stringType, bytesType];

/** A declared type of the suites as a type of ours. */
export function fromProtoType(type: ProtoType | undefined): CelType {
  const kind = type?.typeKind;
  switch (kind?.case) {
    case undefined:
    case "dyn":
      return dynType;
    case "null":
      return nullType;
    case "primitive":
      return primitives[kind.value] ?? dynType;
    case "wrapper":
      return wrapperType(primitives[kind.value] ?? dynType);
    case "wellKnown":
      return [dynType, anyType, timestampType, durationType][kind.value] ?? dynType;
    case "listType":
      return listType(fromProtoType(kind.value.elemType));
    case "mapType":
      return mapType(fromProtoType(kind.value.keyType), fromProtoType(kind.value.valueType));
    case "type":
      return kind.value.typeKind.case === undefined ? typeType() : typeType(fromProtoType(kind.value));
    case "typeParam":
      return typeParam(kind.value);
    case "abstractType":
      return opaqueType(kind.value.name, ...kind.value.parameterTypes.map(fromProtoType));
    case "messageType":
      if (kind.value === "google.protobuf.Timestamp") return timestampType;
      if (kind.value === "google.protobuf.Duration") return durationType;
      throw new MessageNeeded(kind.value);
    default:
      throw new MessageNeeded(kind?.case ?? "type");
  }
}

function evaluated(text: string): Value {
  const program = compile(text, { declarations: standardEnvironment });
  if (Array.isArray(program)) throw new MessageNeeded(text);
  const result = program.evaluate({});
  if (!result.ok) throw new MessageNeeded(text);
  return result.value;
}

/** An expected or bound value of the suites as plain data or a value of ours. */
export function fromProtoValue(value: ProtoValue | undefined): unknown {
  const kind = value?.kind;
  switch (kind?.case) {
    case undefined:
    case "nullValue":
      return null;
    case "boolValue":
    case "stringValue":
    case "bytesValue":
      return kind.value;
    case "int64Value":
      return adapt(kind.value);
    case "uint64Value":
      return new CelUint(kind.value);
    case "doubleValue":
      return new CelDouble(kind.value);
    case "listValue":
      return kind.value.values.map(fromProtoValue);
    case "mapValue": {
      const entries = kind.value.entries.map((entry) => `${literal(entry.key)}: ${literal(entry.value)}`);
      return evaluated(`{${entries.join(", ")}}`);
    }
    case "typeValue":
      return evaluated(kind.value);
    case "objectValue": {
      const message = anyUnpack(kind.value, registry);
      if (message?.$typeName === "google.protobuf.Timestamp") {
        const { seconds, nanos } = message as ProtoTimestamp;
        return evaluated(`timestamp(${seconds}) + duration('${nanos}ns')`);
      }
      if (message?.$typeName === "google.protobuf.Duration") {
        const { seconds, nanos } = message as ProtoDuration;
        return evaluated(`duration('${seconds}s') + duration('${nanos}ns')`);
      }
      throw new MessageNeeded(kind.value.typeUrl);
    }
    default:
      throw new MessageNeeded(kind?.case ?? "value");
  }
}

/** A value of the suites as a CEL expression. */
function literal(value: ProtoValue | undefined): string {
  const kind = value?.kind;
  switch (kind?.case) {
    case "stringValue":
      return JSON.stringify(kind.value);
    case "uint64Value":
      return `${kind.value}u`;
    case "int64Value":
    case "boolValue":
      return String(kind.value);
    case "doubleValue":
      return `double('${Object.is(kind.value, -0) ? "-0" : kind.value}')`;
    case "nullValue":
      return "null";
    case "typeValue":
      return kind.value;
    case "listValue":
      return `[${kind.value.values.map(literal).join(", ")}]`;
    case "mapValue":
      return `{${kind.value.entries.map((entry) => `${literal(entry.key)}: ${literal(entry.value)}`).join(", ")}}`;
    default:
      throw new MessageNeeded(kind?.case ?? "value");
  }
}

interface ProtoNode {
  readonly $typeName: string;
  readonly id: bigint;
  readonly exprKind: { readonly case: string; readonly value: unknown };
}

function constant(value: Literal): { case: string; value: unknown } {
  if (value === null) return { case: "nullValue", value };
  switch (typeof value) {
    case "boolean":
      return { case: "boolValue", value };
    case "number":
    case "bigint":
      return { case: "int64Value", value: BigInt(value) };
    case "string":
      return { case: "stringValue", value };
    default:
      if (value instanceof Uint8Array) return { case: "bytesValue", value };
      return value instanceof CelUint
        ? { case: "uint64Value", value: value.value }
        : { case: "doubleValue", value: (value as CelDouble).value };
  }
}

/** The node in the shape in which the suites' printer reads an expression. `rename` gives resolved names. */
export function toProtoExpr(
  expr: Expr,
  rename: (expr: Expr) => { name?: string; dropTarget?: boolean } = () => ({}),
): ProtoNode {
  const sub = (inner: Expr) => toProtoExpr(inner, rename);
  const node = (kind: string, value: unknown): ProtoNode => ({
    $typeName: "cel.expr.Expr",
    id: BigInt(expr.id),
    exprKind: { case: kind, value },
  });
  const entry = (id: number, keyKind: unknown, value: Expr, optionalEntry: boolean) => ({
    $typeName: "cel.expr.Expr.CreateStruct.Entry",
    id: BigInt(id),
    keyKind,
    value: sub(value),
    optionalEntry,
  });
  const resolved = rename(expr);
  switch (expr.kind) {
    case "literal":
      return node("constExpr", { constantKind: constant(expr.value) });
    case "ident":
      return node("identExpr", { name: resolved.name ?? expr.name });
    case "select":
      if (resolved.name !== undefined) return node("identExpr", { name: resolved.name });
      return node("selectExpr", { operand: sub(expr.operand), field: expr.field, testOnly: expr.testOnly });
    case "call": {
      const target = expr.target === undefined || resolved.dropTarget === true ? undefined : sub(expr.target);
      return node("callExpr", { function: resolved.name ?? expr.name, target, args: expr.args.map(sub) });
    }
    case "list":
      return node("listExpr", { elements: expr.elements.map(sub), optionalIndices: [...expr.optional] });
    case "map": {
      const entries = expr.entries.map((e) =>
        entry(e.id, { case: "mapKey", value: sub(e.key) }, e.value, e.optional),
      );
      return node("structExpr", { messageName: "", entries });
    }
    case "struct": {
      const entries = expr.fields.map((f) =>
        entry(f.id, { case: "fieldKey", value: f.name }, f.value, f.optional),
      );
      return node("structExpr", { messageName: resolved.name ?? expr.name, entries });
    }
    case "comprehension":
      return node("comprehensionExpr", {
        iterVar: expr.iterVar,
        iterRange: sub(expr.range),
        accuVar: expr.accuVar,
        accuInit: sub(expr.accuInit),
        loopCondition: sub(expr.condition),
        loopStep: sub(expr.step),
        result: sub(expr.result),
      });
  }
}
