/**
 * A small contract whose call says what it does, and a script that calls it. Hand-assembled, so
 * that tests need no compiler.
 */
import { concatBytes, hexToBytes, writeU32, writeU64 } from '../../primitives/bytes.ts';
import type { B256, ContractId } from '../../primitives/types.ts';

/** Bits of a call's first parameter. */
export const OPERATION = {
  mint: 1n,
  log: 2n,
  revert: 4n,
  clear: 8n,
  blockHash: 16n,
  burn: 32n,
  message: 64n,
} as const;

export type ContractCall = {
  readonly contractId: ContractId;
  /** Bits of {@link OPERATION}. */
  readonly operations: bigint;
  /** Slot whose counter is increased. */
  readonly key: bigint;
  /** Base asset units that go along. */
  readonly coins: bigint;
};

const ZERO = 0;
const ONE = 1;
const SP = 5;
const FP = 6;
const CGAS = 10;

/** Opcode with registers from the left and an immediate at the right end. */
function op(code: number, registers: readonly number[], immediate = 0): number {
  const placed = registers.reduce((word, r, i) => word | (r << (18 - i * 6)), 0);
  return ((code << 24) | placed | immediate) >>> 0;
}

function assemble(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  words.forEach((word, i) => {
    writeU32(bytes, i * 4, word);
  });
  return bytes;
}

/** 16: operations, 17: key, 18: address of the 32-byte key, 19: value, 20: status, 21–22: scratch. */
function contractWords(): number[] {
  const words = [
    op(0x5d, [16, FP], 73), // LW: first parameter
    op(0x5d, [17, FP], 74),
    op(0x91, [], 64), // CFEI
    op(0x59, [18, SP], 64), // SUBI
    op(0x5f, [18, 17], 3), // SW
    op(0x50, [22, 18], 32), // ADDI
    op(0x38, [19, 20, 18]), // SRW
    op(0x50, [19, 19], 1),
    op(0x3a, [18, 20, 19]), // SWW
  ];
  const whenSet = (bit: bigint, body: readonly number[]): void => {
    const after = words.length + 3 + body.length;
    // ANDI, EQ with zero, JNZI over the body.
    words.push(op(0x51, [21, 16], Number(bit)), op(0x13, [21, 21, ZERO]), op(0x73, [21], after));
    words.push(...body);
  };
  whenSet(OPERATION.mint, [op(0x35, [ONE, 22])]);
  whenSet(OPERATION.log, [op(0x33, [19, 17, ZERO, ZERO])]);
  whenSet(OPERATION.clear, [op(0x37, [18, 20, ONE])]);
  whenSet(OPERATION.burn, [op(0x2c, [ONE, 22])]);
  whenSet(OPERATION.message, [op(0x72, [21], 8), op(0x4c, [18, 18, 21, ZERO])]);
  whenSet(OPERATION.blockHash, [
    op(0x2b, [21]), // BHEI
    op(0x59, [21, 21], 1),
    op(0x2a, [18, 21]), // BHSH
    op(0x5d, [20, 18], 0),
    op(0x33, [20, 21, ZERO, ZERO]),
  ]);
  whenSet(OPERATION.revert, [op(0x36, [17])]);
  words.push(op(0x24, [19]));
  return words;
}

export const CONTRACT_CODE: Uint8Array = assemble(contractWords());

const CALL_BYTES = 48;

/** Calls one after the other, then reads the size of a blob. Nothing to do: returns at once. */
export function callerScript(
  calls: readonly ContractCall[],
  assetId: B256,
  blobId: B256 | null,
): { script: Uint8Array; scriptData: Uint8Array } {
  const words = [
    op(0x61, [16, ZERO], 0x00a), // GTF: address of the script data
    op(0x50, [17, 16], CALL_BYTES * calls.length),
  ];
  const data: Uint8Array[] = [];
  calls.forEach((call, i) => {
    words.push(op(0x50, [18, 16], CALL_BYTES * i), op(0x72, [20], Number(call.coins)));
    words.push(op(0x2d, [18, 20, 17, CGAS]));
    const parameters = new Uint8Array(16);
    writeU64(parameters, 0, call.operations);
    writeU64(parameters, 8, call.key);
    data.push(hexToBytes(call.contractId), parameters);
  });
  data.push(hexToBytes(assetId));
  if (blobId !== null) {
    words.push(op(0x50, [19, 17], 32), op(0xba, [20, 19]), op(0x33, [20, ZERO, ZERO, ZERO]));
    data.push(hexToBytes(blobId));
  }
  words.push(op(0x24, [ONE]));
  return { script: assemble(words), scriptData: concatBytes(...data) };
}
