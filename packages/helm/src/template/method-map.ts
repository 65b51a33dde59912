import { GoMap, type GoMethod, GoStruct, type GoValue } from "../value/go-value.js";

/** A map type with methods, such as `.Values` and `.Files`. */
export abstract class MethodMap extends GoMap {
  abstract method(name: string): GoMethod | undefined;
}

/** The method of a value; one wins over a field of its name. */
export function methodOf(receiver: Exclude<GoValue, null | undefined>, name: string): GoMethod | undefined {
  if (receiver instanceof GoStruct) return receiver.method(name);
  return receiver instanceof MethodMap ? receiver.method(name) : undefined;
}
