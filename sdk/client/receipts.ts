/** Receipts as the API gives them, back in the shape that the rest of this package works with. */
import { hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { type B256, ZERO_B256 } from '../../primitives/types.ts';
import type { Receipt } from '../../tx/receipt.ts';
import type { ReceiptFields } from './lookup.ts';

const INSTRUCTION_SHIFT = 24n;
const REASON_SHIFT = 56n;

/** @throws CodedError NODE_ANSWER on a kind of receipt that is not known */
export function receiptFromFields(fields: ReceiptFields): Receipt {
  const big = (name: string): bigint => BigInt(fields[name] ?? '0');
  const id32 = (name: string): B256 => (fields[name] as B256 | undefined) ?? ZERO_B256;
  const bytes = (): Uint8Array => hexToBytes(fields['data'] ?? '0x');
  const at = { pc: big('pc'), is: big('is') };
  const id = id32('id');
  const block = { ptr: big('ptr'), len: big('len'), digest: id32('digest'), data: bytes() };
  switch (fields.receiptType) {
    case 'CALL': {
      const { to, amount, assetId } = {
        to: id32('to'),
        amount: big('amount'),
        assetId: id32('assetId'),
      };
      const params = { gas: big('gas'), param1: big('param1'), param2: big('param2') };
      return { type: 'call', id, to, amount, assetId, ...params, ...at };
    }
    case 'RETURN':
      return { type: 'return', id, val: big('val'), ...at };
    case 'RETURN_DATA':
      return { type: 'returnData', id, ...block, ...at };
    case 'PANIC': {
      const word = big('reason');
      const instruction = Number((word >> INSTRUCTION_SHIFT) & 0xffff_ffffn);
      const contractId = (fields['contractId'] as B256 | undefined) ?? null;
      return {
        type: 'panic',
        id,
        reason: Number(word >> REASON_SHIFT),
        instruction,
        contractId,
        ...at,
      };
    }
    case 'REVERT':
      return { type: 'revert', id, ra: big('ra'), ...at };
    case 'LOG':
      return { type: 'log', id, ra: big('ra'), rb: big('rb'), rc: big('rc'), rd: big('rd'), ...at };
    case 'LOG_DATA':
      return { type: 'logData', id, ra: big('ra'), rb: big('rb'), ...block, ...at };
    case 'TRANSFER':
      return {
        type: 'transfer',
        id,
        to: id32('to'),
        amount: big('amount'),
        assetId: id32('assetId'),
        ...at,
      };
    case 'TRANSFER_OUT': {
      const to = id32('toAddress');
      return {
        type: 'transferOut',
        id,
        to,
        amount: big('amount'),
        assetId: id32('assetId'),
        ...at,
      };
    }
    case 'SCRIPT_RESULT':
      return { type: 'scriptResult', result: big('result'), gasUsed: big('gasUsed') };
    case 'MESSAGE_OUT': {
      const { len, digest, data } = block;
      const who = { sender: id32('sender'), recipient: id32('recipient'), nonce: id32('nonce') };
      return { type: 'messageOut', ...who, amount: big('amount'), len, digest, data };
    }
    case 'MINT':
    case 'BURN': {
      const type = fields.receiptType === 'MINT' ? 'mint' : 'burn';
      const contractId = (fields['contractId'] as B256 | undefined) ?? id;
      return { type, subId: id32('subId'), contractId, val: big('val'), ...at };
    }
    default:
      throw new CodedError('NODE_ANSWER', `a receipt of kind ${fields.receiptType} is not known`);
  }
}
