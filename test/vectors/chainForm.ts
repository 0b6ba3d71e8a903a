/** Our values in the form of a recorded chain: GraphQL answers of the reference node. */
import { bytesToHex } from '../../primitives/bytes.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import type { BlockHeader, Consensus } from '../../tx/block.ts';
import type { ProgramState, Receipt } from '../../tx/receipt.ts';
import type { Json, JsonObject } from './json.ts';

const NAMES: Readonly<Record<Receipt['type'], string>> = {
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

/** The field that a receipt names differently there. */
function fieldName(receipt: Receipt, key: string): string {
  if (key === 'contractId' && (receipt.type === 'mint' || receipt.type === 'burn')) return 'id';
  if (key === 'to' && receipt.type === 'transferOut') return 'toAddress';
  return key;
}

/** Only the fields that the receipt has; the recorded form has null for all others. */
export function receiptForm(receipt: Receipt): JsonObject {
  const form: Record<string, Json> = { receiptType: NAMES[receipt.type] };
  for (const [key, value] of Object.entries(receipt)) {
    if (key === 'type' || key === 'instruction' || value === null) continue;
    if (key === 'id' && value === ZERO_B256) continue;
    const text = value instanceof Uint8Array ? bytesToHex(value) : String(value);
    form[fieldName(receipt, key)] = text;
  }
  if (receipt.type === 'panic') {
    const word = (BigInt(receipt.reason) << 56n) | (BigInt(receipt.instruction) << 24n);
    form['reason'] = word.toString();
  }
  return form;
}

/** A recorded object without its nulls. */
export function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}

export function programStateForm(state: ProgramState | null): Json {
  if (state === null) return null;
  if (state.type === 'returnData') return { returnType: 'RETURN_DATA', data: state.digest };
  const data = `0x${state.value.toString(16).padStart(16, '0')}`;
  return { returnType: state.type === 'return' ? 'RETURN' : 'REVERT', data };
}

export function headerForm(header: BlockHeader): JsonObject {
  return {
    version: 'V1',
    id: header.id,
    daHeight: header.daHeight.toString(),
    consensusParametersVersion: String(header.consensusParametersVersion),
    stateTransitionBytecodeVersion: String(header.stateTransitionBytecodeVersion),
    transactionsCount: String(header.transactionsCount),
    messageReceiptCount: String(header.messageReceiptCount),
    transactionsRoot: header.transactionsRoot,
    messageOutboxRoot: header.messageOutboxRoot,
    eventInboxRoot: header.eventInboxRoot,
    height: String(header.height),
    prevRoot: header.prevRoot,
    time: header.time.toString(),
    applicationHash: header.applicationHash,
  };
}

export function consensusForm(consensus: Consensus): JsonObject {
  if (consensus.type === 'poa') {
    return { __typename: 'PoAConsensus', signature: bytesToHex(consensus.signature) };
  }
  const { chainConfigHash, coinsRoot, contractsRoot, messagesRoot, transactionsRoot } = consensus;
  const roots = { chainConfigHash, coinsRoot, contractsRoot, messagesRoot, transactionsRoot };
  return { __typename: 'Genesis', ...roots };
}
