/** Types of a Sway program, resolved: generics are filled in, names stand for what they are. */
import { CodedError } from '../../primitives/errors.ts';
import type { JsonAbi, JsonTypeArgument } from './json.ts';

/** Field of a struct or variant of an enum. */
export type AbiField = { readonly name: string; readonly type: AbiType };

/** `text`: the type as Sway writes it. */
export type AbiType = { readonly text: string } & (
  | { readonly kind: 'unit' | 'bool' | 'b256' | 'bytes' | 'string' | 'rawSlice' }
  | { readonly kind: 'uint'; readonly bits: 8 | 16 | 32 | 64 | 256 }
  | { readonly kind: 'fixedString'; readonly length: number }
  | { readonly kind: 'array'; readonly of: AbiType; readonly length: number }
  | { readonly kind: 'vec'; readonly of: AbiType }
  | { readonly kind: 'tuple'; readonly of: readonly AbiType[] }
  | { readonly kind: 'struct'; readonly fields: readonly AbiField[] }
  | { readonly kind: 'enum'; readonly fields: readonly AbiField[]; readonly isOption: boolean }
);

/** Types may contain themselves only by mistake; deeper ones are refused. */
export const TYPE_DEPTH_MAX: number = 32;

type Kindless = 'unit' | 'bool' | 'b256' | 'bytes' | 'string' | 'rawSlice';

/** Spellings of older compilers included. */
const PLAIN: Readonly<Record<string, Kindless>> = {
  '()': 'unit',
  bool: 'bool',
  b256: 'b256',
  str: 'string',
  'raw untyped slice': 'rawSlice',
  'struct std::bytes::Bytes': 'bytes',
  'struct Bytes': 'bytes',
  'struct std::string::String': 'string',
  'struct String': 'string',
};
const UINT = /^u(8|16|32|64|256)$/;
const FIXED_STRING = /^str\[(\d+)\]$/;
const ARRAY = /^\[.+; (\d+)\]$/;
const VEC = /^struct (std::vec::)?Vec$/;
const OPTION = /^enum (std::option::)?Option$/;

type Metadata = JsonAbi['metadataTypes'][number];

function unsupported(why: string): never {
  throw new CodedError('ABI_INVALID', `the ABI ${why}; build it again with a current forc`);
}

/** Resolves types by their ids; one an ABI. */
export class TypeResolver {
  readonly #concrete: ReadonlyMap<string, JsonAbi['concreteTypes'][number]>;
  readonly #metadata: ReadonlyMap<number, Metadata>;

  constructor(abi: JsonAbi) {
    this.#concrete = new Map(abi.concreteTypes.map((type) => [type.concreteTypeId, type]));
    this.#metadata = new Map(abi.metadataTypes.map((type) => [type.metadataTypeId, type]));
  }

  /** @throws CodedError ABI_INVALID */
  concrete(id: string, depth: number = 0): AbiType {
    const found = this.#concrete.get(id) ?? unsupported(`names a type ${id} that it lacks`);
    if (found.metadataTypeId === undefined) return plainType(found.type);
    const args = (found.typeArguments ?? []).map((arg) => this.concrete(arg, depth + 1));
    return this.#complete(found.metadataTypeId, args, depth);
  }

  #complete(id: number, args: readonly AbiType[], depth: number): AbiType {
    if (depth > TYPE_DEPTH_MAX) unsupported(`nests types more than ${TYPE_DEPTH_MAX} deep`);
    const found = this.#metadata.get(id) ?? unsupported(`names a type ${id} that it lacks`);
    const { type, typeParameters } = found;
    if (PLAIN[type] !== undefined) return plainType(type);
    const generics = new Map((typeParameters ?? []).map((param, i) => [param, args[i]]));
    const resolve = (arg: JsonTypeArgument): AbiType => this.#argument(arg, generics, depth + 1);
    if (VEC.test(type)) {
      const of = args[0] ?? unsupported('has a Vec of nothing');
      return { kind: 'vec', of, text: `Vec<${of.text}>` };
    }
    const parts = (found.components ?? []).map((part) => ({
      name: part.name,
      type: resolve(part),
    }));
    return composed(type, parts, args);
  }

  #argument(
    { typeId, typeArguments }: JsonTypeArgument,
    generics: ReadonlyMap<number, AbiType | undefined>,
    depth: number,
  ): AbiType {
    if (typeof typeId === 'string') return this.concrete(typeId, depth);
    const generic = generics.get(typeId);
    if (generic !== undefined) return generic;
    const args = (typeArguments ?? []).map((arg) => this.#argument(arg, generics, depth));
    return this.#complete(typeId, args, depth);
  }
}

function plainType(text: string): AbiType {
  const kind = PLAIN[text];
  if (kind !== undefined) return { kind, text: text.replace(/^struct (\w+::)*/, '') };
  const uint = UINT.exec(text);
  if (uint !== null) return { kind: 'uint', bits: Number(uint[1]) as 8, text };
  const fixed = FIXED_STRING.exec(text);
  if (fixed !== null) return { kind: 'fixedString', length: Number(fixed[1]), text };
  // Structs and enums without fields need no entry in the table of metadata.
  if (/^(struct|enum) /.test(text)) return composed(text, [], []);
  return unsupported(`has a type '${text}' that is not known here`);
}

function composed(type: string, parts: readonly AbiField[], args: readonly AbiType[]): AbiType {
  const array = ARRAY.exec(type);
  if (array !== null) {
    const of = parts[0]?.type ?? unsupported(`has an array ${type} of nothing`);
    return { kind: 'array', of, length: Number(array[1]), text: `[${of.text}; ${array[1]}]` };
  }
  if (type.startsWith('(')) {
    const of = parts.map((part) => part.type);
    return { kind: 'tuple', of, text: `(${of.map(({ text }) => text).join(', ')})` };
  }
  const name = type.replace(/^(struct|enum) (\w+::)*/, '');
  const text = args.length === 0 ? name : `${name}<${args.map((arg) => arg.text).join(', ')}>`;
  if (type.startsWith('struct ')) return { kind: 'struct', fields: parts, text };
  if (type.startsWith('enum ')) {
    return { kind: 'enum', fields: parts, isOption: OPTION.test(type), text };
  }
  return plainType(type);
}

/** Bytes of any value of this type; null: it depends on the value. */
export function fixedSize(type: AbiType): number | null {
  const sum = (types: readonly AbiType[]): number | null => {
    let total = 0;
    for (const each of types) {
      const size = fixedSize(each);
      if (size === null) return null;
      total += size;
    }
    return total;
  };
  switch (type.kind) {
    case 'unit':
      return 0;
    case 'bool':
      return 1;
    case 'b256':
      return 32;
    case 'uint':
      return type.bits / 8;
    case 'fixedString':
      return type.length;
    case 'array': {
      const size = fixedSize(type.of);
      return size === null ? null : size * type.length;
    }
    case 'tuple':
      return sum(type.of);
    case 'struct':
      return sum(type.fields.map((field) => field.type));
    default:
      return null;
  }
}
