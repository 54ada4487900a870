/** Signatures as people read them: names of parameters and of options, without types. */
import { found } from "./public.ts";
import type { Callable, InterfaceNode, Source } from "./source.ts";

type Parameter = Callable["params"][number];
type TypeNode = NonNullable<Callable["returnType"]>["typeAnnotation"];

/** `input, other, { alpha? }` */
export function parametersOf(callable: Callable, source: Source): string[] {
  return callable.params.flatMap((parameter) =>
    parameter.type === "RestElement" ? printRest(parameter, source) : printParameter(parameter, source),
  );
}

/** The result as written in the source; empty for a tensor. */
export function resultOf(callable: Callable, source: Source): string {
  const type = callable.returnType?.typeAnnotation;
  const text = type ? source.text.slice(type.start, type.end).replace(/\s+/g, " ") : "";
  return text === "Tensor" || text === "T" ? "" : text;
}

type Rest = Extract<Parameter, { type: "RestElement" }>;

/** What may be given by position, then what is given by name only. */
const BY_NAME = /^(dtype|requiresGrad|generator)\?$/;

function printRest({ argument, typeAnnotation }: Rest, source: Source): string[] {
  const name = argument.type === "Identifier" ? argument.name : "args";
  const type = typeAnnotation?.typeAnnotation;
  const listed = type ? restOf(type, source) : null;
  if (!listed) return [`...${name}`];
  const named = listed.filter((key) => BY_NAME.test(key));
  const placed = listed.filter((key) => !BY_NAME.test(key)).map((key) => (key === "size?" ? "...size" : key));
  return named.length > 0 ? [...placed, `{ ${named.join(", ")} }`] : placed;
}

/** Labels of a tuple, or the names among what an array may hold. */
function restOf(type: TypeNode, source: Source): string[] | null {
  if (type.type === "TSTupleType") {
    return type.elementTypes.flatMap((element) => {
      if (element.type === "TSNamedTupleMember") return [element.label.name + (element.optional ? "?" : "")];
      return element.type === "TSRestType" ? (restOf(element.typeAnnotation as TypeNode, source) ?? []) : [];
    });
  }
  if (type.type === "TSArrayType") return unionKeys(type.elementType, source);
  if (type.type !== "TSTypeReference" || type.typeName.type !== "Identifier") return null;
  const declaration = found(source, type.typeName.name);
  return declaration?.aliased ? restOf(declaration.aliased, declaration.source) : null;
}

function unionKeys(type: TypeNode, source: Source): string[] | null {
  if (type.type === "TSParenthesizedType") return unionKeys(type.typeAnnotation, source);
  return type.type === "TSUnionType" ? joined(type.types.map((part) => keysOf(part, source))) : keysOf(type, source);
}

function printParameter(parameter: Exclude<Parameter, Rest>, source: Source): string[] {
  const optional = parameter.type === "AssignmentPattern";
  const target = optional ? parameter.left : parameter;
  if (target.type !== "Identifier") return ["{ … }"];
  if (target.name === "this") return [];
  const mark = optional || target.optional ? "?" : "";
  const type = target.typeAnnotation?.typeAnnotation;
  const keys = type && /^(options|given)$/.test(target.name) ? keysOf(type, source) : null;
  return [keys && keys.length > 0 ? `{ ${keys.join(", ")} }` : target.name + mark];
}

/** The names in an object type; null if it is not one. */
function keysOf(type: TypeNode, source: Source): string[] | null {
  if (type.type === "TSParenthesizedType") return keysOf(type.typeAnnotation, source);
  if (type.type === "TSTypeLiteral") return type.members.flatMap(keyOf);
  if (type.type === "TSIntersectionType") return joined(type.types.map((part) => keysOf(part, source)));
  if (type.type !== "TSTypeReference" || type.typeName.type !== "Identifier") return null;
  const { name } = type.typeName;
  const argument = type.typeArguments?.params[0];
  if (name === "Partial" || name === "Readonly") return argument ? keysOf(argument, source) : null;
  return keysOfName(name, source);
}

function basesOf(node: InterfaceNode, source: Source): (string[] | null)[] {
  return node.extends.map(({ expression }) =>
    expression.type === "Identifier" ? keysOfName(expression.name, source) : null,
  );
}

function keysOfName(name: string, source: Source): string[] | null {
  const declaration = found(source, name);
  if (!declaration) return null;
  const { interfaceNode, aliased } = declaration;
  if (aliased) return keysOf(aliased, declaration.source);
  if (!interfaceNode) return null;
  return joined([...basesOf(interfaceNode, declaration.source), interfaceNode.body.body.flatMap(keyOf)]);
}

function keyOf(member: { type: string }): string[] {
  const signature = member as { type: string; key?: { type: string; name?: string }; optional?: boolean };
  if (signature.type !== "TSPropertySignature" || !signature.key?.name) return [];
  return [signature.key.name + (signature.optional ? "?" : "")];
}

function joined(parts: readonly (string[] | null)[]): string[] | null {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : [...new Set(known.flat())];
}
