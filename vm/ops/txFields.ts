/** The selectors of GTF: one row each. */

import { policyBits } from '../../tx/codec/policies.ts';
import { FIELD_OFFSETS, type InputOffsets } from '../../tx/offsets.ts';
import type {
  CoinInput,
  ContractInput,
  Input,
  MessageInput,
  Output,
  Policies,
} from '../../tx/types.ts';
import type { VmContext } from '../context.ts';
import { PANIC } from '../panic.ts';

/** A value, an address in VM memory, or a panic reason negated. */
export type Found = number | bigint;
export type FieldGetter = (ctx: VmContext, index: number) => Found;

const NO_INPUT = -PANIC.InputNotFound;
const NO_OUTPUT = -PANIC.OutputNotFound;
const NO_WITNESS = -PANIC.WitnessNotFound;
const WRONG_KIND = -PANIC.InvalidMetadataIdentifier;
const U16_MAX = 0xffff;
const PROOF_BYTES = 32;
const SLOT_BYTES = 64;

const TYPE_NUMBER = { script: 0, create: 1, upgrade: 3, upload: 4, blob: 5 } as const;
const INPUT_NUMBER = { coin: 0, contract: 1, message: 2 } as const;
const OUTPUT_NUMBER = { coin: 0, contract: 1, change: 2, variable: 3, contractCreated: 4 } as const;

function inputAddress(ctx: VmContext, index: number): Found {
  const offset = ctx.txOffsets.inputsOffsets[index];
  return offset === undefined ? NO_INPUT : ctx.txAddress + offset;
}

function outputAddress(ctx: VmContext, index: number): Found {
  const offset = ctx.txOffsets.outputsOffsets[index];
  return offset === undefined ? NO_OUTPUT : ctx.txAddress + offset;
}

function witnessAddress(ctx: VmContext, index: number, inside: number): Found {
  const offset = ctx.txOffsets.witnessesOffsets[index];
  return offset === undefined ? NO_WITNESS : ctx.txAddress + offset + inside;
}

/** Address of a fixed field of an input of one type. */
function fieldOf(type: Input['type'], offset: number): FieldGetter {
  return (ctx, i) =>
    ctx.tx.inputs[i]?.type === type
      ? ctx.txAddress + ctx.txOffsets.inputsOffsets[i]! + offset
      : NO_INPUT;
}

/** Address of a part of varying place inside an input of one type. */
function partOf(type: Input['type'], part: keyof InputOffsets): FieldGetter {
  return (ctx, i) => {
    const offset = ctx.tx.inputs[i]?.type === type ? ctx.txOffsets.inputs[i]![part] : null;
    return offset === null ? NO_INPUT : ctx.txAddress + offset;
  };
}

/** A value out of an input of one type; null: it has none. */
function ofCoin(value: (input: CoinInput) => Found | null): FieldGetter {
  return (ctx, i) => {
    const input = ctx.tx.inputs[i];
    return input?.type === 'coin' ? (value(input) ?? NO_INPUT) : NO_INPUT;
  };
}

function ofMessage(value: (input: MessageInput) => Found | null): FieldGetter {
  return (ctx, i) => {
    const input = ctx.tx.inputs[i];
    return input?.type === 'message' ? (value(input) ?? NO_INPUT) : NO_INPUT;
  };
}

type Spendable = Exclude<Input, ContractInput>;
const isSigned = (input: Spendable): boolean => input.predicate.length === 0;
const witnessIndex = (input: Spendable): Found | null =>
  isSigned(input) ? input.witnessIndex : null;
const predicateGasUsed = (input: Spendable): Found | null =>
  isSigned(input) ? null : input.predicateGasUsed;

/** Address of a field of an output of some types. */
function outputField(types: readonly Output['type'][], offset: number): FieldGetter {
  return (ctx, i) => {
    const output = ctx.tx.outputs[i];
    if (output === undefined || !types.includes(output.type)) return NO_OUTPUT;
    return ctx.txAddress + ctx.txOffsets.outputsOffsets[i]! + offset;
  };
}

function policy(name: keyof Policies): FieldGetter {
  return (ctx) => ctx.tx.policies[name] ?? -PANIC.PolicyIsNotSet;
}

/** Body fields right after the transaction's type word. */
const BODY_START = 8;
const CREATE_SALT = 16;

function outputOfContractInput(ctx: VmContext, index: number): Found {
  if (index > U16_MAX) return WRONG_KIND;
  // The last output that names the input wins, as in the reference's map.
  const at = ctx.tx.outputs.findLastIndex((o) => o.type === 'contract' && o.inputIndex === index);
  return at === -1 ? NO_INPUT : at;
}

const inputs: FieldGetter = (ctx) => ctx.tx.inputs.length;
const outputs: FieldGetter = (ctx) => ctx.tx.outputs.length;
const witnesses: FieldGetter = (ctx) => ctx.tx.witnesses.length;
const witnessAt: FieldGetter = (ctx, i) => witnessAddress(ctx, i, 0);
const { coinInput, contractInput, messageInput } = FIELD_OFFSETS;
const { valueOutput, contractCreatedOutput } = FIELD_OFFSETS;

const scriptField =
  (value: (ctx: VmContext, script: Uint8Array, data: Uint8Array) => Found): FieldGetter =>
  (ctx) =>
    ctx.tx.type === 'script' ? value(ctx, ctx.tx.script, ctx.tx.scriptData) : WRONG_KIND;

/** What each selector gives. Selectors of one kind of transaction are wrong in the others. */
export const FIELD_GETTERS: ReadonlyMap<number, FieldGetter> = new Map<number, FieldGetter>([
  [0x001, (ctx) => TYPE_NUMBER[ctx.tx.type]],
  [0x002, (ctx) => (ctx.tx.type === 'script' ? ctx.tx.scriptGasLimit : 0)],
  [0x003, scriptField((_, script) => script.length)],
  [0x004, scriptField((_, __, data) => data.length)],
  [0x005, inputs],
  [0x006, outputs],
  [0x007, witnesses],
  [0x009, scriptField((ctx) => ctx.txAddress + ctx.txOffsets.scriptOffset!)],
  [0x00a, scriptField((ctx) => ctx.txAddress + ctx.txOffsets.scriptDataOffset!)],
  [0x00b, inputAddress],
  [0x00c, outputAddress],
  [0x00d, witnessAt],
  [0x00e, (ctx) => ctx.txOffsets.size],
  [0x101, (ctx) => (ctx.tx.type === 'create' ? ctx.tx.bytecodeWitnessIndex : WRONG_KIND)],
  [0x102, (ctx) => (ctx.tx.type === 'create' ? ctx.tx.storageSlots.length : WRONG_KIND)],
  [0x103, inputs],
  [0x104, outputs],
  [0x105, witnesses],
  [0x106, (ctx) => (ctx.tx.type === 'create' ? ctx.txAddress + CREATE_SALT : WRONG_KIND)],
  [
    0x107,
    (ctx, i) => {
      if (ctx.tx.type !== 'create') return WRONG_KIND;
      if (i >= ctx.tx.storageSlots.length) return -PANIC.StorageSlotsNotFound;
      return ctx.txAddress + ctx.txOffsets.storageSlotsOffset! + i * SLOT_BYTES;
    },
  ],
  [0x108, inputAddress],
  [0x109, outputAddress],
  [0x10a, witnessAt],
  [0x200, (ctx, i) => (ctx.tx.inputs[i] ? INPUT_NUMBER[ctx.tx.inputs[i].type] : NO_INPUT)],
  [0x201, fieldOf('coin', coinInput.utxoId)],
  [0x202, ofCoin((input) => input.utxoId.outputIndex)],
  [0x203, fieldOf('coin', coinInput.owner)],
  [0x204, ofCoin((input) => input.amount)],
  [0x205, fieldOf('coin', coinInput.assetId)],
  [0x206, fieldOf('coin', coinInput.txPointer)],
  [0x207, ofCoin(witnessIndex)],
  [0x209, ofCoin((input) => input.predicate.length)],
  [0x20a, ofCoin((input) => (isSigned(input) ? 0 : input.predicateData.length))],
  [0x20b, partOf('coin', 'predicate')],
  [0x20c, partOf('coin', 'predicateData')],
  [0x20d, ofCoin(predicateGasUsed)],
  [0x220, fieldOf('contract', contractInput.utxoId)],
  [0x221, outputOfContractInput],
  [0x225, fieldOf('contract', contractInput.contractId)],
  [0x240, fieldOf('message', messageInput.sender)],
  [0x241, fieldOf('message', messageInput.recipient)],
  [0x242, ofMessage((input) => input.amount)],
  [0x243, fieldOf('message', messageInput.nonce)],
  [0x244, ofMessage(witnessIndex)],
  [0x245, ofMessage((input) => input.data.length)],
  [0x246, ofMessage((input) => input.predicate.length)],
  [0x247, ofMessage((input) => (isSigned(input) ? 0 : input.predicateData.length))],
  [0x248, partOf('message', 'data')],
  [0x249, partOf('message', 'predicate')],
  [0x24a, partOf('message', 'predicateData')],
  [0x24b, ofMessage(predicateGasUsed)],
  [0x300, (ctx, i) => (ctx.tx.outputs[i] ? OUTPUT_NUMBER[ctx.tx.outputs[i].type] : NO_OUTPUT)],
  [0x301, outputField(['coin', 'change'], valueOutput.to)],
  [
    0x302,
    (ctx, i) => {
      const output = ctx.tx.outputs[i];
      return output?.type === 'coin' ? output.amount : NO_OUTPUT;
    },
  ],
  [0x303, outputField(['coin', 'change'], valueOutput.assetId)],
  [
    0x304,
    (ctx, i) => {
      const output = ctx.tx.outputs[i];
      return output?.type === 'contract' ? output.inputIndex : NO_INPUT;
    },
  ],
  [0x307, outputField(['contractCreated'], contractCreatedOutput.contractId)],
  [0x308, outputField(['contractCreated'], contractCreatedOutput.stateRoot)],
  [0x400, (ctx, i) => ctx.tx.witnesses[i]?.length ?? NO_WITNESS],
  [0x401, (ctx, i) => witnessAddress(ctx, i, 8)],
  [0x500, (ctx) => policyBits(ctx.tx.policies)],
  [0x501, policy('tip')],
  [0x502, policy('witnessLimit')],
  [0x503, policy('maturity')],
  [0x504, policy('maxFee')],
  [0x505, policy('expiration')],
  [0x506, policy('owner')],
  [0x600, (ctx) => (ctx.tx.type === 'upload' ? ctx.txAddress + BODY_START : WRONG_KIND)],
  [0x601, (ctx) => (ctx.tx.type === 'upload' ? ctx.tx.witnessIndex : WRONG_KIND)],
  [0x602, (ctx) => (ctx.tx.type === 'upload' ? ctx.tx.subsectionIndex : WRONG_KIND)],
  [0x603, (ctx) => (ctx.tx.type === 'upload' ? ctx.tx.subsectionsNumber : WRONG_KIND)],
  [0x604, (ctx) => (ctx.tx.type === 'upload' ? ctx.tx.proofSet.length : WRONG_KIND)],
  [
    0x605,
    (ctx, i) => {
      if (ctx.tx.type !== 'upload') return WRONG_KIND;
      if (i >= ctx.tx.proofSet.length) return -PANIC.ProofInUploadNotFound;
      return ctx.txAddress + ctx.txOffsets.proofSetOffset! + i * PROOF_BYTES;
    },
  ],
  [0x700, (ctx) => (ctx.tx.type === 'blob' ? ctx.txAddress + BODY_START : WRONG_KIND)],
  [0x701, (ctx) => (ctx.tx.type === 'blob' ? ctx.tx.witnessIndex : WRONG_KIND)],
  [0x800, (ctx) => (ctx.tx.type === 'upgrade' ? ctx.txAddress + BODY_START : WRONG_KIND)],
  [0x900, inputs],
  [0x901, outputs],
  [0x902, witnesses],
  [0x903, inputAddress],
  [0x904, outputAddress],
  [0x905, witnessAt],
]);
