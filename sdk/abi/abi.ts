/** A Sway program as its callers see it: methods, logs, configurables, reasons of failure. */
import { concatBytes, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { type Decoded, decodeValue } from './decode.ts';
import { type AbiValue, encodeValue } from './encode.ts';
import type { JsonAbi } from './json.ts';
import { type AbiField, type AbiType, fixedSize, TypeResolver } from './types.ts';

export type AbiMethod = {
  readonly name: string;
  readonly inputs: readonly AbiField[];
  readonly output: AbiType;
  /** It takes coins along. */
  readonly isPayable: boolean;
  /** It may write to its storage. */
  readonly writes: boolean;
};

export type AbiConfigurable = {
  readonly name: string;
  readonly type: AbiType;
  /** Place in the bytecode. Unit: bytes. */
  readonly offset: number;
  readonly isIndirect: boolean;
};

export type AbiErrorCode = { readonly message: string | null; readonly place: string | null };

export type Abi = {
  readonly programType: string;
  readonly methods: ReadonlyMap<string, AbiMethod>;
  /** By log id, in decimal. */
  readonly logs: ReadonlyMap<string, AbiType>;
  readonly messages: ReadonlyMap<string, AbiType>;
  readonly configurables: ReadonlyMap<string, AbiConfigurable>;
  /** By the value that the program reverts with, in decimal. */
  readonly errorCodes: ReadonlyMap<string, AbiErrorCode>;
};

/** The only encoding that programs built since 2024 use. */
const ENCODING_VERSION = '1';

function isAbi(json: unknown): json is JsonAbi {
  const { concreteTypes, metadataTypes, functions } = (json ?? {}) as Partial<JsonAbi>;
  return [concreteTypes, metadataTypes, functions].every((part) => Array.isArray(part));
}

/** @param json parsed contents of an `…-abi.json` @throws CodedError ABI_INVALID */
export function parseAbi(json: unknown): Abi {
  if (!isAbi(json)) {
    throw new CodedError(
      'ABI_INVALID',
      'this is no ABI: it is the file out/release/<name>-abi.json that forc build writes',
    );
  }
  if (json.encodingVersion !== ENCODING_VERSION) {
    throw new CodedError(
      'ABI_INVALID',
      `the ABI has encoding version ${json.encodingVersion}, known is ${ENCODING_VERSION}`,
    );
  }
  const types = new TypeResolver(json);
  const methods = json.functions.map((each): [string, AbiMethod] => {
    const attribute = (name: string) => each.attributes?.find((found) => found.name === name);
    const method = {
      name: each.name,
      inputs: each.inputs.map((input) => ({
        name: input.name,
        type: types.concrete(input.concreteTypeId),
      })),
      output: types.concrete(each.output),
      isPayable: attribute('payable') !== undefined,
      writes: attribute('storage')?.arguments?.includes('write') ?? false,
    };
    return [each.name, method];
  });
  return {
    programType: json.programType,
    methods: new Map(methods),
    logs: new Map(
      (json.loggedTypes ?? []).map((log) => [log.logId, types.concrete(log.concreteTypeId)]),
    ),
    messages: new Map(
      (json.messagesTypes ?? []).map((log) => [log.messageId, types.concrete(log.concreteTypeId)]),
    ),
    configurables: configurablesOf(json, types),
    errorCodes: errorCodesOf(json),
  };
}

function configurablesOf(json: JsonAbi, types: TypeResolver): Abi['configurables'] {
  return new Map(
    (json.configurables ?? []).map(({ name, offset, indirect, concreteTypeId }) => [
      name,
      { name, offset, isIndirect: indirect === true, type: types.concrete(concreteTypeId) },
    ]),
  );
}

function errorCodesOf({ errorCodes }: JsonAbi): Abi['errorCodes'] {
  return new Map(
    Object.entries(errorCodes ?? {}).map(([code, { msg, pos }]) => [
      code,
      { message: msg ?? null, place: pos === undefined ? null : `${pos.file}:${pos.line}` },
    ]),
  );
}

/** @throws CodedError ABI_METHOD naming those that there are */
export function methodOf(abi: Abi, name: string): AbiMethod {
  const found = abi.methods.get(name);
  if (found !== undefined) return found;
  const names = [...abi.methods.keys()].join(', ');
  throw new CodedError('ABI_METHOD', `the ABI has no method '${name}'; it has ${names}`);
}

/** `swap(min_out: u64, to: Identity) -> u64` */
export function methodText({ name, inputs, output }: AbiMethod): string {
  const args = inputs.map((input) => `${input.name}: ${input.type.text}`).join(', ');
  return `${name}(${args})${output.kind === 'unit' ? '' : ` -> ${output.text}`}`;
}

/** Arguments of a method, one after the other. @throws CodedError ABI_VALUE */
export function encodeArguments(method: AbiMethod, values: readonly AbiValue[]): Uint8Array {
  if (values.length !== method.inputs.length) {
    throw new CodedError(
      'ABI_VALUE',
      `${methodText(method)} takes ${method.inputs.length} argument(s), not ${values.length}`,
    );
  }
  const parts = method.inputs.map(({ name, type }, i) =>
    encodeValue(type, values[i] as AbiValue, `argument '${name}'`),
  );
  return concatBytes(...parts);
}

/** Arguments from the memory at a call; what follows them is not looked at. */
export function decodeArguments(
  method: AbiMethod,
  bytes: Uint8Array,
): { readonly name: string; readonly value: Decoded }[] {
  let at = 0;
  return method.inputs.map(({ name, type }) => {
    const { value, bytesUsed } = decodeValue(type, bytes.subarray(at));
    at += bytesUsed;
    return { name, value };
  });
}

/**
 * Bytecode with other constants in it.
 * @throws CodedError ABI_CONFIGURABLE (unknown, or of a size that depends on its value), ABI_VALUE
 */
export function withConfigurables(
  abi: Abi,
  bytecode: Uint8Array,
  values: Readonly<Record<string, AbiValue>>,
): Uint8Array {
  const changed = bytecode.slice();
  const starts = [...abi.configurables.values()].map(({ offset }) => offset);
  for (const [name, value] of Object.entries(values)) {
    const found = abi.configurables.get(name);
    if (found === undefined) {
      const names = [...abi.configurables.keys()].join(', ') || 'none';
      throw new CodedError('ABI_CONFIGURABLE', `there is no configurable '${name}'; has ${names}`);
    }
    const bytes = encodeValue(found.type, value, name);
    const isFixed = fixedSize(found.type) !== null || found.type.kind === 'enum';
    const end = Math.min(changed.length, ...starts.filter((start) => start > found.offset));
    if (found.isIndirect || !isFixed || found.offset + bytes.length > end) {
      throw new CodedError(
        'ABI_CONFIGURABLE',
        `${name} of type ${found.type.text} cannot be set in finished bytecode: set it in Sway`,
      );
    }
    changed.set(bytes, found.offset);
  }
  return changed;
}

/** Reverts of the standard library. @source sway, error signals */
const SIGNALS: ReadonlyMap<bigint, string> = new Map([
  [0xffff_ffff_ffff_0000n, 'require() failed'],
  [0xffff_ffff_ffff_0001n, 'a transfer to an address failed: no variable output is free'],
  [0xffff_ffff_ffff_0003n, 'assert_eq() failed'],
  [0xffff_ffff_ffff_0004n, 'assert() failed'],
  [0xffff_ffff_ffff_0005n, 'assert_ne() failed'],
  [0xffff_ffff_ffff_0006n, 'revert_with_log()'],
]);
/** What generated code reverts with when a contract has no such method. */
const NO_SUCH_METHOD = 123n;

/** Why a program reverted, in words; null: only the program knows what the value means. */
export function revertText(value: bigint, abi: Abi | null): string | null {
  const own = abi?.errorCodes.get(String(value));
  if (own !== undefined) {
    const place = own.place === null ? '' : ` at ${own.place}`;
    return `${own.message ?? 'panic'}${place}`;
  }
  if (value === NO_SUCH_METHOD) return 'the contract has no such method';
  return SIGNALS.get(value) ?? null;
}

/** A log by its id; null: the ABI does not know it, or the data is another type's. */
export function decodeLog(
  abi: Abi,
  logId: bigint,
  data: Uint8Array,
): { readonly type: string; readonly value: Decoded } | null {
  const type = abi.logs.get(String(logId));
  if (type === undefined) return null;
  try {
    return { type: type.text, value: decodeValue(type, data).value };
  } catch (error) {
    if (error instanceof CodedError) return null;
    throw error;
  }
}

/** Hex that an API gave, decoded. @throws CodedError ABI_DECODE */
export function decodeHex(type: AbiType, hex: string): Decoded {
  return decodeValue(type, hexToBytes(hex)).value;
}
