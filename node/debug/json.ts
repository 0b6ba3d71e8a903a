/**
 * The JSON of the debug API: transactions and instructions in, receipts out, in the shapes that
 * Rust's serde gives the reference's types.
 * @source fuel-tx and fuel-asm 0.66.4 (behaviour)
 */
import { isB256 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { B256 } from '../../primitives/types.ts';
import { type LosslessJson, parseLosslessJson, stringifyLossless } from '../../tx/json.ts';
import type { Receipt } from '../../tx/receipt.ts';
import type { CoinInput, Input, MessageInput, Output, Policies, ScriptTx } from '../../tx/types.ts';
import { ISA } from '../../vm/isa.ts';
import { panicName } from '../../vm/panic.ts';

function invalid(): never {
  throw new CodedError('DEBUG_TX', 'Invalid transaction JSON');
}

type Fields = { readonly [name: string]: LosslessJson };

function fieldsOf(value: LosslessJson | undefined): Fields {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Fields) : invalid();
}

function listOf(value: LosslessJson | undefined): readonly LosslessJson[] {
  return Array.isArray(value) ? value : invalid();
}

function bigOf(value: LosslessJson | undefined): bigint {
  const isNumber = typeof value === 'bigint' || Number.isSafeInteger(value);
  const big = isNumber ? BigInt(value as number) : invalid();
  return big >= 0n && big < 1n << 64n ? big : invalid();
}

function smallOf(value: LosslessJson | undefined): number {
  const big = bigOf(value);
  return big < 1n << 32n ? Number(big) : invalid();
}

function b256Of(value: LosslessJson | undefined): B256 {
  const id = typeof value === 'string' ? `0x${value.replace(/^0x/, '').toLowerCase()}` : '';
  return isB256(id) ? id : invalid();
}

/** Absent where a kind of input has no such field. */
function bytesOf(value: LosslessJson | undefined): Uint8Array {
  if (value === null || value === undefined) return new Uint8Array(0);
  const list = listOf(value);
  return list.every((byte) => Number.isInteger(byte) && (byte as number) >> 8 === 0)
    ? Uint8Array.from(list as number[])
    : invalid();
}

/** In the order of their bits. */
const POLICIES: readonly (readonly [string, keyof Policies])[] = [
  ['Tip', 'tip'],
  ['WitnessLimit', 'witnessLimit'],
  ['Maturity', 'maturity'],
  ['MaxFee', 'maxFee'],
  ['Expiration', 'expiration'],
  ['Owner', 'owner'],
];
/** Transactions with none but these always list four values, set or not. */
const OLD_POLICY_COUNT = 4;

function policiesOf(json: LosslessJson | undefined): Policies {
  const { bits, values } = fieldsOf(json);
  if (typeof bits !== 'string') return invalid();
  const names = bits.split('|').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  const set = POLICIES.map(([name]) => names.includes(name));
  const isOld = !set.slice(OLD_POLICY_COUNT).includes(true);
  const list = listOf(values);
  const count = isOld ? OLD_POLICY_COUNT : set.filter(Boolean).length;
  if (list.length !== count || names.length !== set.filter(Boolean).length) invalid();
  const policies: Record<string, bigint> = {};
  let next = 0;
  POLICIES.forEach(([, field], i) => {
    if (set[i]) policies[field] = bigOf(list[isOld ? i : next++]);
  });
  return policies as Policies;
}

function pointerOf(json: LosslessJson | undefined): CoinInput['txPointer'] {
  const { block_height: height, tx_index: index } = fieldsOf(json);
  return { blockHeight: smallOf(height), txIndex: smallOf(index) };
}

function utxoOf(json: LosslessJson | undefined): CoinInput['utxoId'] {
  const { tx_id: txId, output_index: index } = fieldsOf(json);
  return { txId: b256Of(txId), outputIndex: smallOf(index) };
}

function lockOf(
  json: Fields,
): Pick<CoinInput, 'witnessIndex' | 'predicateGasUsed' | 'predicate' | 'predicateData'> {
  return {
    witnessIndex: smallOf(json['witness_index'] ?? 0),
    predicateGasUsed: bigOf(json['predicate_gas_used'] ?? 0),
    predicate: bytesOf(json['predicate']),
    predicateData: bytesOf(json['predicate_data']),
  };
}

function inputOf(json: LosslessJson): Input {
  const [kind, body] = variantOf(json);
  const fields = fieldsOf(body);
  const amount = (): bigint => bigOf(fields['amount']);
  switch (kind) {
    case 'CoinSigned':
    case 'CoinPredicate':
      return {
        type: 'coin',
        utxoId: utxoOf(fields['utxo_id']),
        owner: b256Of(fields['owner']),
        amount: amount(),
        assetId: b256Of(fields['asset_id']),
        txPointer: pointerOf(fields['tx_pointer']),
        ...lockOf(fields),
      };
    case 'Contract':
      return {
        type: 'contract',
        utxoId: utxoOf(fields['utxo_id']),
        balanceRoot: b256Of(fields['balance_root']),
        stateRoot: b256Of(fields['state_root']),
        txPointer: pointerOf(fields['tx_pointer']),
        contractId: b256Of(fields['contract_id']),
      };
    case 'MessageCoinSigned':
    case 'MessageCoinPredicate':
    case 'MessageDataSigned':
    case 'MessageDataPredicate': {
      const message: MessageInput = {
        type: 'message',
        sender: b256Of(fields['sender']),
        recipient: b256Of(fields['recipient']),
        amount: amount(),
        nonce: b256Of(fields['nonce']),
        data: bytesOf(fields['data']),
        ...lockOf(fields),
      };
      return message;
    }
    default:
      return invalid();
  }
}

function variantOf(json: LosslessJson | undefined): readonly [string, LosslessJson] {
  const entries = Object.entries(fieldsOf(json));
  return entries.length === 1 ? (entries[0] as [string, LosslessJson]) : invalid();
}

function outputOf(json: LosslessJson): Output {
  const [kind, body] = variantOf(json);
  const fields = fieldsOf(body);
  const coin = (): { to: B256; amount: bigint; assetId: B256 } => ({
    to: b256Of(fields['to']),
    amount: bigOf(fields['amount']),
    assetId: b256Of(fields['asset_id']),
  });
  switch (kind) {
    case 'Coin':
      return { type: 'coin', ...coin() };
    case 'Change':
      return { type: 'change', ...coin() };
    case 'Variable':
      return { type: 'variable', ...coin() };
    case 'Contract':
      return {
        type: 'contract',
        inputIndex: smallOf(fields['input_index']),
        balanceRoot: b256Of(fields['balance_root']),
        stateRoot: b256Of(fields['state_root']),
      };
    case 'ContractCreated':
      return {
        type: 'contractCreated',
        contractId: b256Of(fields['contract_id']),
        stateRoot: b256Of(fields['state_root']),
      };
    default:
      return invalid();
  }
}

const OTHER_KINDS: ReadonlySet<string> = new Set(['Create', 'Mint', 'Upgrade', 'Upload', 'Blob']);

/** @throws CodedError DEBUG_TX with the reference's text: no such JSON, or another kind */
export function scriptFromJson(text: string): ScriptTx {
  let json: LosslessJson;
  try {
    json = parseLosslessJson(text);
  } catch {
    return invalid();
  }
  const [kind, tx] = variantOf(json);
  if (OTHER_KINDS.has(kind)) {
    throw new CodedError('DEBUG_TX', `\`${kind}\` is not supported`);
  }
  if (kind !== 'Script') return invalid();
  const { body, policies, inputs, outputs, witnesses } = fieldsOf(tx);
  const { script_gas_limit: gas, receipts_root: root, script, script_data: data } = fieldsOf(body);
  return {
    type: 'script',
    scriptGasLimit: bigOf(gas),
    receiptsRoot: b256Of(root),
    script: bytesOf(script),
    scriptData: bytesOf(data),
    policies: policiesOf(policies),
    inputs: listOf(inputs).map(inputOf),
    outputs: listOf(outputs).map(outputOf),
    witnesses: listOf(witnesses).map((witness) => bytesOf(fieldsOf(witness)['data'])),
  };
}

const CODE_OF: ReadonlyMap<string, number> = new Map(ISA.map(({ name, code }) => [name, code]));
const ARG_BYTES = 3;

/** `{"ADDI":[64,0,5]}`: name and the three bytes behind the opcode. @throws CodedError DEBUG_OP */
export function instructionFromJson(text: string): number {
  const bad = (): never => {
    throw new CodedError('DEBUG_OP', 'Invalid instruction JSON: write {"ADDI":[64,0,5]}');
  };
  let entries: [string, unknown][];
  try {
    entries = Object.entries(JSON.parse(text) as object);
  } catch {
    return bad();
  }
  const [name, bytes] = entries[0] ?? bad();
  const code = CODE_OF.get(name) ?? bad();
  const isBytes =
    Array.isArray(bytes) &&
    bytes.length === ARG_BYTES &&
    bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256);
  if (!isBytes || entries.length !== 1) return bad();
  const [a, b, c] = bytes as [number, number, number];
  return ((code << 24) | (a << 16) | (b << 8) | c) >>> 0;
}

const hex = (id: B256 | null): string | null => (id === null ? null : id.slice(2));

function resultOf(result: bigint): unknown {
  return ['Success', 'Revert', 'Panic'][Number(result)] ?? { GenericFailure: result };
}

/** A receipt as the debug API prints it. */
export function receiptToJson(receipt: Receipt): string {
  const [name, fields] = serdeForm(receipt);
  return stringifyLossless({ [name]: fields });
}

function serdeForm(r: Receipt): readonly [string, object] {
  switch (r.type) {
    case 'call': {
      const { amount, gas, param1, param2, pc, is } = r;
      const asset = { asset_id: hex(r.assetId) };
      return [
        'Call',
        { id: hex(r.id), to: hex(r.to), amount, ...asset, gas, param1, param2, pc, is },
      ];
    }
    case 'return':
      return ['Return', { id: hex(r.id), val: r.val, pc: r.pc, is: r.is }];
    case 'returnData': {
      const { ptr, len, pc, is } = r;
      return [
        'ReturnData',
        { id: hex(r.id), ptr, len, digest: hex(r.digest), pc, is, data: [...r.data] },
      ];
    }
    case 'panic': {
      const reason = { reason: panicName(r.reason), instruction: r.instruction };
      return [
        'Panic',
        { id: hex(r.id), reason, pc: r.pc, is: r.is, contract_id: hex(r.contractId) },
      ];
    }
    case 'revert':
      return ['Revert', { id: hex(r.id), ra: r.ra, pc: r.pc, is: r.is }];
    case 'log': {
      const { ra, rb, rc, rd, pc, is } = r;
      return ['Log', { id: hex(r.id), ra, rb, rc, rd, pc, is }];
    }
    case 'logData': {
      const { ra, rb, ptr, len, pc, is } = r;
      const digest = hex(r.digest);
      return ['LogData', { id: hex(r.id), ra, rb, ptr, len, digest, pc, is, data: [...r.data] }];
    }
    case 'transfer':
    case 'transferOut': {
      const name = r.type === 'transfer' ? 'Transfer' : 'TransferOut';
      const { amount, pc, is } = r;
      return [name, { id: hex(r.id), to: hex(r.to), amount, asset_id: hex(r.assetId), pc, is }];
    }
    case 'scriptResult':
      return ['ScriptResult', { result: resultOf(r.result), gas_used: r.gasUsed }];
    case 'messageOut': {
      const who = { sender: hex(r.sender), recipient: hex(r.recipient), amount: r.amount };
      const what = { nonce: hex(r.nonce), len: r.len, digest: hex(r.digest), data: [...r.data] };
      return ['MessageOut', { ...who, ...what }];
    }
    case 'mint':
    case 'burn': {
      const name = r.type === 'mint' ? 'Mint' : 'Burn';
      const ids = { sub_id: hex(r.subId), contract_id: hex(r.contractId) };
      return [name, { ...ids, val: r.val, pc: r.pc, is: r.is }];
    }
  }
}
