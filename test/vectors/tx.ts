/** Checks answers of the reference to `tx` requests: decoding, ids, gas, validity. */

import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { decodeTx, encodeTx, txSizeBytes } from '../../tx/codec/transaction.ts';
import { maxGas, meteredBytes, minGas, transactionFee } from '../../tx/fees.ts';
import { messageId, txId } from '../../tx/id.ts';
import { txOffsets } from '../../tx/offsets.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { ChargeableTx, Transaction, UtxoId } from '../../tx/types.ts';
import {
  checkErrorText,
  checkRules,
  checkSignatures,
  checkTx,
  debugText,
} from '../../tx/validity.ts';
import { paramsOf } from './host.ts';
import type { JsonObject } from './json.ts';
import { asBigint } from './json.ts';

type Json = Record<string, unknown>;

const KIND_NAMES: Readonly<Record<Transaction['type'], string>> = {
  script: 'Script',
  create: 'Create',
  mint: 'Mint',
  upgrade: 'Upgrade',
  upload: 'Upload',
  blob: 'Blob',
};

/** Needs a predicate run or repeats other fields; the whole `tx` is covered by re-encoding. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['tx', 'checkFull']);

function utxoJson(utxoId: UtxoId): Json {
  return { txId: utxoId.txId.slice(2), outputIndex: utxoId.outputIndex };
}

function inputsAnswer(tx: ChargeableTx): Json {
  const utxos: Json[] = [];
  const contracts: string[] = [];
  const messages: string[] = [];
  for (const input of tx.inputs) {
    if (input.type === 'message') {
      const { sender, recipient, nonce, amount, data } = input;
      messages.push(messageId(sender, recipient, nonce, amount, data).slice(2));
      continue;
    }
    utxos.push(utxoJson(input.utxoId));
    if (input.type === 'contract') contracts.push(input.contractId.slice(2));
  }
  return { utxos, contracts, messages };
}

function chargeableAnswer(
  tx: ChargeableTx,
  id: `0x${string}`,
  params: ConsensusParameters,
  height: number,
  gasPrice: bigint,
): Json {
  const fee = transactionFee(tx, params, gasPrice);
  const rules = checkRules(tx, height, params);
  const check = checkTx(tx, height, params);
  const signatures = checkSignatures(tx, id);
  return {
    ...inputsAnswer(tx),
    minGas: minGas(tx, params),
    maxGas: maxGas(tx, params),
    meteredBytes: meteredBytes(tx),
    ...(fee === null ? {} : { minFee: fee.minFee, maxFee: fee.maxFee }),
    validity: rules === null ? 'ok' : debugText(rules),
    check: check.ok ? 'ok' : checkErrorText(check.error),
    signatures: signatures.ok ? 'ok' : debugText(signatures.error),
  };
}

function answerOf(request: JsonObject): Json {
  const bytes = hexToBytes(String(request['hex']));
  const params = paramsOf(request);
  const height = Number(request['height'] ?? 1);
  const { tx, bytesUsed } = decodeTx(bytes);
  const again = encodeTx(tx);
  const reencoded = bytesToHex(again);
  const reencodeEqual = reencoded === bytesToHex(bytes.subarray(0, bytesUsed));
  const id = txId(tx, params.chainId);
  const answer: Json = {
    bytesUsed,
    size: txSizeBytes(tx),
    reencodeEqual,
    ...(reencodeEqual ? {} : { reencoded: reencoded.slice(2) }),
    id: id.slice(2),
    type: KIND_NAMES[tx.type],
  };
  if (tx.type === 'mint') {
    const check = checkTx(tx, height, params);
    return {
      ...answer,
      utxos: [utxoJson(tx.inputContract.utxoId)],
      contracts: [tx.inputContract.contractId.slice(2)],
      check: check.ok ? 'ok' : checkErrorText(check.error),
    };
  }
  if (txOffsets(tx).size !== again.length) throw new Error('offsets end elsewhere than the bytes');
  const gasPrice = asBigint(request['gasPrice'], 0n);
  return { ...answer, ...chargeableAnswer(tx, id, params, height, gasPrice) };
}

/** Numbers above 2^53 - 1 are text in the vectors. */
function normal(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) => {
    if (typeof v === 'bigint' || typeof v === 'number') return v.toString();
    return v;
  });
}

function ourAnswer(request: JsonObject): Json {
  try {
    return answerOf(request);
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'TX_DECODE') throw error;
    return { error: `decode: ${String(error.context['reason'])}` };
  }
}

/** null when every compared field agrees, else the first difference in one line. */
export function checkTxVector(request: JsonObject, answer: JsonObject): string | null {
  const ours = ourAnswer(request);
  for (const key of new Set([...Object.keys(answer), ...Object.keys(ours)])) {
    if (NOT_COMPARED.has(key)) continue;
    const expected = normal(answer[key]);
    const actual = normal(ours[key]);
    if (expected !== actual) return `${key}: expected ${expected}, got ${actual}`;
  }
  return null;
}
