/**
 * Contracts that are larger than a chain takes: their code lies in blobs, and what is deployed is a
 * loader that puts it together in memory and jumps there. Code that finds its data relative to its
 * own place, as Sway's does, runs unchanged.
 */
import { concatBytes, hexToBytes, writeU32 } from '../../primitives/bytes.ts';
import { assert, CodedError } from '../../primitives/errors.ts';
import type { Address, BlobId } from '../../primitives/types.ts';
import { blobIdOf } from '../../tx/contractId.ts';
import type { BlobTx } from '../../tx/types.ts';
import { assemblePlan, type Plan } from './assemble.ts';
import { getChainInfo } from './chain.ts';
import type { Client } from './graphql.ts';

export type Blob = { readonly id: BlobId; readonly bytes: Uint8Array };

/** Code in pieces. `loader`: what is deployed instead of it. */
export type SplitCode = { readonly loader: Uint8Array; readonly blobs: readonly Blob[] };

/** Sizes in bytes. */
export type CodeLimits = { readonly contractBytesMax: number; readonly blobBytesMax: number };

/** Blobs of one contract: the loader counts in immediates of 12 bits. */
export const LOADER_BLOBS_MAX: number = 256;
/** Of a transaction, for everything but the blob. */
const TX_SPARE_BYTES = 8 * 1024;
/** A power of two that networks take. */
const BLOB_BYTES_USUAL = 96 * 1024;
const ID_BYTES = 32;
const INSTRUCTION_BYTES = 4;
const WORD = 8;

const LIMITS = `{ chain { consensusParameters {
  contractParams { contractMaxSize } txParams { maxSize }
} } }`;

/** What the chain takes at once. */
export async function getCodeLimits(client: Client): Promise<CodeLimits> {
  type Answer = {
    chain: {
      consensusParameters: {
        contractParams: { contractMaxSize: string };
        txParams: { maxSize: string };
      };
    };
  };
  const { contractParams, txParams } = (await client.request<Answer>(LIMITS)).chain
    .consensusParameters;
  const room = Number(txParams.maxSize) - TX_SPARE_BYTES;
  return {
    contractBytesMax: Number(contractParams.contractMaxSize),
    blobBytesMax: Math.min(BLOB_BYTES_USUAL, room - (room % WORD)),
  };
}

/** Opcodes and registers of the loader; of the instruction table, which is too large for a bundle. */
const OP = { MOVE: 0x1a, SUB: 0x20, LDC: 0x32, NOOP: 0x47, JMP: 0x4a, ADDI: 0x50 } as const;
const DIVI = 0x52;
const BSIZ = 0xba;
const SSP = 4;
const IS = 12;
const START = 16;
const AT = 17;
const SIZE = 18;
const FROM_BLOB = 1;

const word = (code: number, a: number, b = 0, c = 0, d = 0): number =>
  ((code << 24) | (a << 18) | (b << 12) | (c << 6) | d) >>> 0;
const immediate = (code: number, a: number, b: number, value: number): number =>
  ((code << 24) | (a << 18) | (b << 12) | value) >>> 0;

/**
 * `$16` where the code will begin, `$17` at the ids behind this program; then for each blob its size,
 * its code behind what is there, the next id; at last a jump, counted in instructions from `$is`.
 */
function loaderOf(blobs: readonly Blob[]): Uint8Array {
  const fixed = 6;
  const perBlob = 3;
  const count = fixed + perBlob * blobs.length;
  const padded = count + (count % 2);
  const words = [
    word(OP.MOVE, START, SSP),
    word(OP.MOVE, AT, IS),
    immediate(OP.ADDI, AT, AT, padded * INSTRUCTION_BYTES),
    ...blobs.flatMap(() => [
      word(BSIZ, SIZE, AT),
      word(OP.LDC, AT, 0, SIZE, FROM_BLOB),
      immediate(OP.ADDI, AT, AT, ID_BYTES),
    ]),
    word(OP.SUB, START, START, IS),
    immediate(DIVI, START, START, INSTRUCTION_BYTES),
    word(OP.JMP, START),
  ];
  assert(words.length === count, 'the loader is as long as it thinks');
  while (words.length < padded) words.push((OP.NOOP << 24) >>> 0);
  const code = new Uint8Array(padded * INSTRUCTION_BYTES);
  words.forEach((each, i) => {
    writeU32(code, i * INSTRUCTION_BYTES, each);
  });
  return concatBytes(code, ...blobs.map(({ id }) => hexToBytes(id)));
}

/**
 * @param blobBytesMax a multiple of 8, so that pieces lie behind one another without a gap
 * @throws CodedError CONTRACT_TOO_LARGE beyond {@link LOADER_BLOBS_MAX} pieces
 */
export function splitCode(bytecode: Uint8Array, blobBytesMax: number): SplitCode {
  assert(blobBytesMax > 0 && blobBytesMax % WORD === 0, 'pieces are whole words');
  const count = Math.ceil(bytecode.length / blobBytesMax);
  if (count > LOADER_BLOBS_MAX) {
    throw new CodedError(
      'CONTRACT_TOO_LARGE',
      `the code has ${bytecode.length} bytes; at most ${LOADER_BLOBS_MAX} blobs of ${blobBytesMax} are loaded`,
    );
  }
  const blobs = Array.from({ length: count }, (_, i): Blob => {
    const bytes = bytecode.slice(i * blobBytesMax, (i + 1) * blobBytesMax);
    return { id: blobIdOf(bytes), bytes };
  });
  return { loader: loaderOf(blobs), blobs };
}

const EXISTS = 'query blob($id: BlobId!) { blob(id: $id) { id } }';

/** Whether the chain has a blob already: then nobody needs to bring it again. */
export async function hasBlob(client: Client, id: BlobId): Promise<boolean> {
  const { blob } = await client.request<{ blob: { id: string } | null }>(EXISTS, { id });
  return blob !== null;
}

/** Plans to bring a blob onto the chain. @throws CodedError GRAPHQL, PLAN_CHANGED */
export async function planBlob(client: Client, from: Address, blob: Blob): Promise<Plan<BlobTx>> {
  const chain = await getChainInfo(client);
  const start: BlobTx = {
    type: 'blob',
    blobId: blob.id,
    witnessIndex: 0,
    policies: { maxFee: 0n },
    inputs: [],
    outputs: [],
    witnesses: [blob.bytes],
  };
  return assemblePlan(client, start, { chain, from, spends: [] });
}
