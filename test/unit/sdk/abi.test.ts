/** Our ABI codec against the one of the `fuels` SDK, and what it says about mistakes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { Interface, type JsonAbi } from 'fuels';
import { bytesToHex, hexToBytes } from '../../../primitives/bytes.ts';
import {
  decodeArguments,
  decodeLog,
  encodeArguments,
  methodOf,
  methodText,
  parseAbi,
  revertText,
  withConfigurables,
} from '../../../sdk/abi/abi.ts';
import { decodeValue, formatValue } from '../../../sdk/abi/decode.ts';
import { type AbiValue, encodeValue } from '../../../sdk/abi/encode.ts';
import { type AbiType, TYPE_DEPTH_MAX } from '../../../sdk/abi/types.ts';
import { dataFile } from '../../support/dataFile.ts';
import { mulberry } from '../../support/random.ts';

/** One method that takes every kind of type, generics inside generics included. */
const KINDS = {
  programType: 'contract',
  specVersion: '1',
  encodingVersion: '1',
  concreteTypes: [
    { type: '()', concreteTypeId: 'unit' },
    { type: 'bool', concreteTypeId: 'bool' },
    { type: 'u8', concreteTypeId: 'u8' },
    { type: 'u16', concreteTypeId: 'u16' },
    { type: 'u32', concreteTypeId: 'u32' },
    { type: 'u64', concreteTypeId: 'u64' },
    { type: 'u256', concreteTypeId: 'u256' },
    { type: 'b256', concreteTypeId: 'b256' },
    { type: 'str', concreteTypeId: 'str' },
    { type: 'str[4]', concreteTypeId: 'str4' },
    { type: 'struct std::bytes::Bytes', concreteTypeId: 'bytes', metadataTypeId: 9 },
    { type: 'struct std::string::String', concreteTypeId: 'string', metadataTypeId: 10 },
    { type: 'raw untyped slice', concreteTypeId: 'raw' },
    { type: '[u16; 3]', concreteTypeId: 'array', metadataTypeId: 0 },
    { type: '(u8, bool)', concreteTypeId: 'tuple', metadataTypeId: 1 },
    {
      type: 'struct std::vec::Vec<struct Pair<u32, b256>>',
      concreteTypeId: 'vecOfPairs',
      metadataTypeId: 3,
      typeArguments: ['pair'],
    },
    {
      type: 'struct Pair<u32, b256>',
      concreteTypeId: 'pair',
      metadataTypeId: 2,
      typeArguments: ['u32', 'b256'],
    },
    {
      type: 'enum std::option::Option<struct Wrapper<u64>>',
      concreteTypeId: 'option',
      metadataTypeId: 6,
      typeArguments: ['wrapper'],
    },
    {
      type: 'struct Wrapper<u64>',
      concreteTypeId: 'wrapper',
      metadataTypeId: 7,
      typeArguments: ['u64'],
    },
    { type: 'enum Shape', concreteTypeId: 'shape', metadataTypeId: 8 },
  ],
  metadataTypes: [
    {
      type: '[_; 3]',
      metadataTypeId: 0,
      components: [{ name: '__array_element', typeId: 'u16' }],
    },
    {
      type: '(_, _)',
      metadataTypeId: 1,
      components: [
        { name: '__tuple_element', typeId: 'u8' },
        { name: '__tuple_element', typeId: 'bool' },
      ],
    },
    {
      type: 'struct Pair',
      metadataTypeId: 2,
      components: [
        { name: 'a', typeId: 4 },
        { name: 'b', typeId: 5 },
      ],
      typeParameters: [4, 5],
    },
    {
      type: 'struct std::vec::Vec',
      metadataTypeId: 3,
      components: [
        { name: 'buf', typeId: 11, typeArguments: [{ name: '', typeId: 4 }] },
        { name: 'len', typeId: 'u64' },
      ],
      typeParameters: [4],
    },
    { type: 'generic A', metadataTypeId: 4 },
    { type: 'generic B', metadataTypeId: 5 },
    {
      type: 'enum std::option::Option',
      metadataTypeId: 6,
      components: [
        { name: 'None', typeId: 'unit' },
        { name: 'Some', typeId: 4 },
      ],
      typeParameters: [4],
    },
    {
      type: 'struct Wrapper',
      metadataTypeId: 7,
      components: [
        {
          name: 'pair',
          typeId: 2,
          typeArguments: [
            { name: '', typeId: 4 },
            { name: '', typeId: 'bool' },
          ],
        },
      ],
      typeParameters: [4],
    },
    {
      type: 'enum Shape',
      metadataTypeId: 8,
      components: [
        { name: 'Dot', typeId: 'unit' },
        { name: 'Line', typeId: 1 },
        { name: 'Name', typeId: 10 },
      ],
    },
    { type: 'struct std::bytes::Bytes', metadataTypeId: 9, components: [] },
    { type: 'struct std::string::String', metadataTypeId: 10, components: [] },
    {
      type: 'struct std::vec::RawVec',
      metadataTypeId: 11,
      components: [
        { name: 'ptr', typeId: 12 },
        { name: 'cap', typeId: 'u64' },
      ],
      typeParameters: [4],
    },
    { type: 'raw untyped ptr', metadataTypeId: 12 },
  ],
  functions: [
    {
      name: 'all',
      inputs: [
        'bool',
        'u8',
        'u16',
        'u32',
        'u64',
        'u256',
        'b256',
        'str',
        'str4',
        'bytes',
        'string',
        'raw',
        'array',
        'tuple',
        'vecOfPairs',
        'option',
        'shape',
      ].map((concreteTypeId, i) => ({ name: `arg${i}`, concreteTypeId })),
      output: 'u64',
      attributes: null,
    },
  ],
  loggedTypes: [{ logId: '77', concreteTypeId: 'shape' }],
  messagesTypes: [],
  configurables: [],
  errorCodes: { '9259400834947493888': { pos: { file: 'a.sw', line: 3, column: 1 }, msg: 'no' } },
};

const read = (name: string): JsonAbi =>
  JSON.parse(readFileSync(dataFile(`sway/${name}/${name}-abi.json`), 'utf8')) as JsonAbi;

/** A random value of a type, as both libraries take it. */
function randomValue(type: AbiType, random: () => number): AbiValue {
  const int = (max: number): number => Math.floor(random() * max);
  const hex = (bytes: number): string =>
    bytesToHex(Uint8Array.from({ length: bytes }, () => int(256)));
  switch (type.kind) {
    case 'unit':
      return null;
    case 'bool':
      return random() < 0.5;
    case 'uint':
      return type.bits <= 32 ? int(2 ** type.bits) : BigInt(hex(type.bits / 8)).toString();
    case 'b256':
      return hex(32);
    case 'bytes':
    case 'rawSlice':
      return hexToBytes(hex(int(20)));
    case 'string':
      return 'hello, '.repeat(int(4));
    case 'fixedString':
      return 'abcd'.slice(0, type.length);
    case 'array':
      return Array.from({ length: type.length }, () => randomValue(type.of, random));
    case 'vec':
      return Array.from({ length: int(4) }, () => randomValue(type.of, random));
    case 'tuple':
      return type.of.map((each) => randomValue(each, random));
    case 'struct':
      return Object.fromEntries(type.fields.map((f) => [f.name, randomValue(f.type, random)]));
    case 'enum': {
      const field = type.fields[int(type.fields.length)];
      assert.ok(field);
      const inner = randomValue(field.type, random);
      if (type.isOption) return field.name === 'None' ? null : inner;
      return field.type.kind === 'unit' ? field.name : { [field.name]: inner };
    }
  }
}

/** What `fuels` wants where we take `null` and plain `Uint8Array`. */
const forFuels = (value: AbiValue): unknown => {
  if (value === null) return undefined;
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(forFuels);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, forFuels(each)]));
};

for (const seed of [1, 2, 3, 4, 5]) {
  it(`encodes as fuels does and decodes what it encoded, seed ${seed}`, () => {
    const abi = parseAbi(KINDS);
    const method = methodOf(abi, 'all');
    const theirs = new Interface(KINDS as unknown as JsonAbi).functions['all'];
    assert.ok(theirs);
    const random = mulberry(seed);
    for (let round = 0; round < 20; round += 1) {
      const values = method.inputs.map(({ type }) => randomValue(type, random));
      const bytes = encodeArguments(method, values);
      const expected: Uint8Array = theirs.encodeArguments(values.map(forFuels) as never);
      assert.equal(bytesToHex(bytes), bytesToHex(expected), JSON.stringify(values));
      const again = decodeArguments(method, bytes).map(({ value }) => value as AbiValue);
      assert.equal(bytesToHex(encodeArguments(method, again)), bytesToHex(bytes));
    }
  });
}

it('programs of the test data: methods, logs, configurables', () => {
  const amm = parseAbi(read('amm'));
  assert.equal(methodText(methodOf(amm, 'swap')), 'swap(min_out: u64, to: Identity) -> u64');
  assert.equal(methodOf(amm, 'swap').isPayable, true);
  assert.equal(methodOf(amm, 'quote').writes, false);
  const log = decodeLog(
    amm,
    9981572554887101569n,
    hexToBytes(`0x${'00'.repeat(7)}05${'00'.repeat(7)}0901`),
  );
  assert.equal(log?.type, 'Swapped');
  assert.equal(formatValue(log?.value ?? null), '{ paid: 5, got: 9, a_for_b: true }');
  assert.equal(decodeLog(amm, 1n, new Uint8Array(0)), null);

  const code = new Uint8Array(readFileSync(dataFile('sway/amm/amm.bin')));
  const changed = withConfigurables(amm, code, {
    FEE_PER_MILLE: 12,
    ASSET_A: `0x${'11'.repeat(32)}`,
  });
  assert.equal(bytesToHex(changed.subarray(10320, 10352)), `0x${'11'.repeat(32)}`);
  assert.equal(bytesToHex(changed.subarray(10384, 10392)), '0x000000000000000c');
  assert.equal(changed.length, code.length);
  assert.throws(
    () => withConfigurables(amm, code, { FEE: 1 }),
    /no configurable 'FEE'; has ASSET_A/,
  );
});

it('mistakes are named with their place', () => {
  const amm = parseAbi(read('amm'));
  const swap = methodOf(amm, 'swap');
  const identity = `{"Variant": value}, one of Address, ContractId`;
  for (const [values, message] of [
    [[1], /takes 2 argument\(s\), not 1/],
    [['1.5', null], /argument 'min_out' is a u64, not "1.5"/],
    [[1n << 64n, null], /which does not fit/],
    [[-1, null], /is a u64/],
    [[1, { Adress: `0x${'11'.repeat(32)}` }], new RegExp(identity)],
    [[1, { Address: '0x12' }], /argument 'to'.Address is a b256.*write 0x and 64 hex digits/],
  ] as const) {
    assert.throws(() => encodeArguments(swap, values as readonly AbiValue[]), {
      code: 'ABI_VALUE',
      message,
    });
  }
  assert.throws(() => methodOf(amm, 'swop'), /no method 'swop'; it has add, quote, reserves, swap/);
  assert.throws(() => parseAbi({ functions: [] }), /this is no ABI/);
  assert.throws(() => parseAbi({ ...KINDS, encodingVersion: '0' }), /encoding version 0/);
});

it('data of another type is refused, not guessed', () => {
  const u64: AbiType = { kind: 'uint', bits: 64, text: 'u64' };
  const vec: AbiType = { kind: 'vec', of: u64, text: 'Vec<u64>' };
  const bad = (type: AbiType, hex: string, message: RegExp): void =>
    assert.throws(() => decodeValue(type, hexToBytes(hex)), { code: 'ABI_DECODE', message });
  bad(u64, '0x00', /the data ends after 1 bytes/);
  bad(vec, '0xffffffffffffffff0000000000000001', /the data ends/);
  bad({ kind: 'string', text: 'str' }, '0x0000000000000009aa', /length of 9/);
  bad({ kind: 'bool', text: 'bool' }, '0x02', /a bool is 0 or 1/);
  bad(
    { kind: 'vec', of: { kind: 'unit', text: '()' }, text: 'Vec<()>' },
    '0x0000000000010001',
    /65537 empty/,
  );
  assert.deepEqual(decodeValue(vec, encodeValue(vec, [1, 2n])).value, [1n, 2n]);
  // Lengths are in bytes, not characters (fuels 0.103 counts characters).
  const text: AbiType = { kind: 'string', text: 'str' };
  assert.equal(bytesToHex(encodeValue(text, 'ü')), '0x0000000000000002c3bc');
  assert.equal(decodeValue(text, encodeValue(text, 'ü')).value, 'ü');
});

it('a type that contains itself ends in an error', () => {
  const metadataTypes = [
    { type: 'struct Loop', metadataTypeId: 1, components: [{ name: 'next', typeId: 1 }] },
  ];
  const concreteTypes = [{ type: 'struct Loop', concreteTypeId: 'loop', metadataTypeId: 1 }];
  const functions = [{ name: 'f', inputs: [], output: 'loop' }];
  const abi = { encodingVersion: '1', metadataTypes, concreteTypes, functions };
  assert.throws(() => parseAbi(abi), new RegExp(`more than ${TYPE_DEPTH_MAX} deep`));
});

it('reverts in words', () => {
  const abi = parseAbi(KINDS);
  assert.equal(revertText(9259400834947493888n, abi), 'no at a.sw:3');
  assert.equal(revertText(0xffff_ffff_ffff_0000n, null), 'require() failed');
  assert.equal(revertText(123n, null), 'the contract has no such method');
  assert.equal(revertText(5n, abi), null);
});
