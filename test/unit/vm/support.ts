/** Small transactions and machines for the tests of this folder. */
import { type B256, ZERO_B256 } from '../../../primitives/types.ts';
import { txId } from '../../../tx/id.ts';
import type { ConsensusParameters } from '../../../tx/params.ts';
import type { ChargeableTx, Input, Output, ScriptTx } from '../../../tx/types.ts';
import type { CheckedBalances } from '../../../tx/validity/balances.ts';
import { rulesFor } from '../../../vm/rules.ts';
import { type TransactInput, transact, type VmResult } from '../../../vm/transact.ts';
import { HostStorage, paramsOf } from '../../vectors/host.ts';

export const PARAMS: ConsensusParameters = paramsOf({ params: 'standard' });
export const id = (byte: number): B256 => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`;

export function words(...code: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(code.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of code.entries()) view.setUint32(i * 4, word);
  return bytes;
}

/** Opcode and up to four registers. */
export function op(code: number, ...registers: readonly number[]): number {
  return registers.reduce((word, r, i) => word | (r << (18 - i * 6)), code << 24) >>> 0;
}

export const coin = (amount: bigint, assetId: B256 = ZERO_B256): Input => ({
  type: 'coin',
  utxoId: { txId: id(9), outputIndex: 0 },
  owner: id(1),
  amount,
  assetId,
  txPointer: { blockHeight: 0, txIndex: 0 },
  witnessIndex: 0,
  predicateGasUsed: 0n,
  predicate: new Uint8Array(0),
  predicateData: new Uint8Array(0),
});

export const change = (assetId: B256 = ZERO_B256): Output => ({
  type: 'change',
  to: id(2),
  amount: 0n,
  assetId,
});

export function script(code: Uint8Array, parts: Partial<ScriptTx> = {}): ScriptTx {
  return {
    type: 'script',
    scriptGasLimit: 100_000n,
    receiptsRoot: ZERO_B256,
    script: code,
    scriptData: new Uint8Array(0),
    policies: { maxFee: 0n },
    inputs: [coin(1000n)],
    outputs: [change()],
    witnesses: [new Uint8Array(64)],
    ...parts,
  };
}

/** Executes with what the inputs brought as given, against an empty or the given storage. */
export function execute(
  tx: ChargeableTx,
  more: Partial<TransactInput> & { readonly free?: CheckedBalances } = {},
): VmResult {
  const { free, ...rest } = more;
  return transact({
    tx,
    txId: txId(tx, PARAMS.chainId),
    params: PARAMS,
    gasPrice: 0n,
    storage: new HostStorage(1),
    rules: rulesFor(PARAMS, 'auto'),
    balances: free ?? {
      nonRetryable: new Map([[ZERO_B256, 1000n]]),
      retryableBase: 0n,
      maxFee: 0n,
    },
    ...rest,
  });
}
