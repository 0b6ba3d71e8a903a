/** Our values in the form of the reference program's answers (serde JSON, plain hex). */
import type { ProgramState, Receipt } from '../../tx/receipt.ts';
import { panicName } from '../../vm/panic.ts';
import { type Json, type JsonObject, jsonInt } from './json.ts';

const RESULTS = ['Success', 'Revert', 'Panic'];

/** `{"Log": {…}}` and so on, with the field names of fuel-tx. */
export function receiptForm(receipt: Receipt): Json {
  switch (receipt.type) {
    case 'call':
      return {
        Call: {
          ...fields(receipt, ['id', 'to', 'amount', 'assetId', 'gas', 'param1', 'param2']),
          ...at(receipt),
        },
      };
    case 'return':
      return { Return: { ...fields(receipt, ['id', 'val']), ...at(receipt) } };
    case 'returnData':
      return {
        ReturnData: {
          ...fields(receipt, ['id', 'ptr', 'len', 'digest']),
          ...at(receipt),
          data: [...receipt.data],
        },
      };
    case 'panic':
      return { Panic: panicForm(receipt) };
    case 'revert':
      return { Revert: { ...fields(receipt, ['id', 'ra']), ...at(receipt) } };
    case 'log':
      return { Log: { ...fields(receipt, ['id', 'ra', 'rb', 'rc', 'rd']), ...at(receipt) } };
    case 'logData':
      return {
        LogData: {
          ...fields(receipt, ['id', 'ra', 'rb', 'ptr', 'len', 'digest']),
          ...at(receipt),
          data: [...receipt.data],
        },
      };
    case 'transfer':
      return {
        Transfer: { ...fields(receipt, ['id', 'to', 'amount', 'assetId']), ...at(receipt) },
      };
    case 'transferOut':
      return {
        TransferOut: { ...fields(receipt, ['id', 'to', 'amount', 'assetId']), ...at(receipt) },
      };
    case 'scriptResult':
      return {
        ScriptResult: {
          result: RESULTS[Number(receipt.result)] ?? 'other',
          gas_used: jsonInt(receipt.gasUsed),
        },
      };
    case 'messageOut':
      return {
        MessageOut: {
          ...fields(receipt, ['sender', 'recipient', 'amount', 'nonce', 'len', 'digest']),
          data: [...receipt.data],
        },
      };
    case 'mint':
      return { Mint: { ...fields(receipt, ['subId', 'contractId', 'val']), ...at(receipt) } };
    case 'burn':
      return { Burn: { ...fields(receipt, ['subId', 'contractId', 'val']), ...at(receipt) } };
  }
}

const SNAKE: Readonly<Record<string, string>> = {
  assetId: 'asset_id',
  subId: 'sub_id',
  contractId: 'contract_id',
};

function fields<T extends Receipt>(receipt: T, names: readonly (keyof T & string)[]): JsonObject {
  const out: Record<string, Json> = {};
  for (const name of names) out[SNAKE[name] ?? name] = plain(receipt[name] as bigint | string);
  return out;
}

function plain(value: bigint | string): Json {
  return typeof value === 'bigint' ? jsonInt(value) : value.slice(2);
}

function at(receipt: { pc: bigint; is: bigint }): JsonObject {
  return { pc: jsonInt(receipt.pc), is: jsonInt(receipt.is) };
}

function panicForm(receipt: Extract<Receipt, { type: 'panic' }>): Json {
  return {
    id: receipt.id.slice(2),
    reason: { reason: panicName(receipt.reason), instruction: receipt.instruction },
    ...at(receipt),
    contract_id: receipt.contractId === null ? null : receipt.contractId.slice(2),
  };
}

/** `{"Return": v}`, `{"ReturnData": digest}`, `{"Revert": v}`. */
export function stateForm(state: ProgramState): Json {
  if (state.type === 'returnData') return { ReturnData: state.digest.slice(2) };
  return { [state.type === 'return' ? 'Return' : 'Revert']: jsonInt(state.value) };
}

export function resultName(receipts: readonly Receipt[]): {
  result?: Json;
  gasUsed?: Json;
  panic?: Json;
} {
  const out: { result?: Json; gasUsed?: Json; panic?: Json } = {};
  for (const receipt of receipts) {
    if (receipt.type === 'scriptResult') {
      out.gasUsed = jsonInt(receipt.gasUsed);
      out.result = RESULTS[Number(receipt.result)] ?? 'other';
    } else if (receipt.type === 'panic') {
      out.panic = {
        reason: panicName(receipt.reason),
        instruction: receipt.instruction.toString(16).padStart(8, '0'),
      };
    }
  }
  return out;
}
