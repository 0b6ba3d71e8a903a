/** Receipts: one object type for all kinds, with null where a kind has no such field. */

import { bigIntToBytes, hexToBytes } from '../../primitives/bytes.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import type { ProgramState, Receipt } from '../../tx/receipt.ts';
import type { ResolverTable } from './context.ts';

const KIND: Readonly<Record<Receipt['type'], string>> = {
  call: 'CALL',
  return: 'RETURN',
  returnData: 'RETURN_DATA',
  panic: 'PANIC',
  revert: 'REVERT',
  log: 'LOG',
  logData: 'LOG_DATA',
  transfer: 'TRANSFER',
  transferOut: 'TRANSFER_OUT',
  scriptResult: 'SCRIPT_RESULT',
  messageOut: 'MESSAGE_OUT',
  mint: 'MINT',
  burn: 'BURN',
};

/** Contract that speaks; null for the script itself (the zero id). */
function speaker(receipt: Receipt): string | null {
  const id =
    receipt.type === 'mint' || receipt.type === 'burn'
      ? receipt.contractId
      : 'id' in receipt
        ? receipt.id
        : null;
  return id === ZERO_B256 ? null : id;
}

/** Reason in the top byte, then the instruction word. */
function packedReason(receipt: Receipt): bigint | null {
  if (receipt.type !== 'panic') return null;
  return (BigInt(receipt.reason) << 56n) | (BigInt(receipt.instruction >>> 0) << 24n);
}

/** Value as GraphQL prints it: a big-endian word, or the digest. */
function stateBytes(state: ProgramState): Uint8Array {
  return state.type === 'returnData' ? hexToBytes(state.digest) : bigIntToBytes(state.value, 8);
}

const RETURN_TYPE = { return: 'RETURN', returnData: 'RETURN_DATA', revert: 'REVERT' } as const;

export const RECEIPTS: ResolverTable = {
  Receipt: {
    receiptType: (receipt: Receipt) => KIND[receipt.type],
    id: speaker,
    to: (receipt: Receipt) =>
      (receipt.type === 'call' || receipt.type === 'transfer') && receipt.to !== ZERO_B256
        ? receipt.to
        : null,
    toAddress: (receipt: Receipt) => (receipt.type === 'transferOut' ? receipt.to : null),
    reason: packedReason,
    contractId: (receipt: Receipt) => (receipt.type === 'panic' ? receipt.contractId : null),
  },
  ProgramState: {
    returnType: (state: ProgramState) => RETURN_TYPE[state.type],
    data: stateBytes,
  },
};
