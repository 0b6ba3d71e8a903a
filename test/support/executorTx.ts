/** A small world for tests of the executor: a funded account, a contract, transactions. */
import type { Changes, CoinRecord, TxToExecute } from '../../executor/ports.ts';
import { emptyChanges } from '../../executor/ports.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import { addressOfSecret, sign } from '../../primitives/secp256k1.ts';
import type { B256, ContractId } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import { encodeTx } from '../../tx/codec/index.ts';
import { contractId as contractIdOf, initialStateRoot } from '../../tx/contractId.ts';
import { maxFee } from '../../tx/fees.ts';
import { txId } from '../../tx/id.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { ContractInput, CreateTx, Input, Output, Policies, ScriptTx } from '../../tx/types.ts';
import { paramsOf } from '../vectors/host.ts';
import { CONTRACT_CODE, type ContractCall, callerScript } from './callContract.ts';
import { idOf } from './chainMaker.ts';

export const PARAMS: ConsensusParameters = paramsOf({ params: 'local' });
export const SECRET: Uint8Array = hexToBytes(idOf('executor test secret'));
export const OWNER: B256 = addressOfSecret(SECRET);
export const CONTRACT: ContractId = idOf('executor test contract');
export const COIN_AMOUNT = 1_000_000n;
const EMPTY = new Uint8Array(0);
const NO_POINTER = { blockHeight: 0, txIndex: 0 };

/** Coins (idOf(`coin n`), 0) of OWNER for n below 10, and one contract. */
export function testWorld(): Changes {
  const changes = emptyChanges();
  for (let n = 0; n < 10; n += 1) changes.coins.set(utxoKeyOf(idOf(`coin ${n}`), 0), coinRecord());
  changes.contractCode.set(CONTRACT, CONTRACT_CODE);
  const utxoId = { txId: idOf('contract utxo'), outputIndex: 3 };
  changes.contractUtxos.set(CONTRACT, { utxoId, txPointer: { blockHeight: 0, txIndex: 7 } });
  return changes;
}

function coinRecord(): CoinRecord {
  const txPointer = { blockHeight: 0, txIndex: 5 };
  return { owner: OWNER, amount: COIN_AMOUNT, assetId: PARAMS.baseAssetId, txPointer };
}

/** Spends coin `n`, or output 0 of another transaction. */
export function coinOf(source: number | TxToExecute, amount: bigint = COIN_AMOUNT): Input {
  return {
    type: 'coin',
    utxoId: {
      txId: typeof source === 'number' ? idOf(`coin ${source}`) : source.id,
      outputIndex: 0,
    },
    owner: OWNER,
    amount,
    assetId: PARAMS.baseAssetId,
    txPointer: NO_POINTER,
    witnessIndex: 0,
    predicateGasUsed: 0n,
    predicate: EMPTY,
    predicateData: EMPTY,
  };
}

export function messageOf(nonce: B256, data: Uint8Array, amount: bigint): Input {
  const owners = { sender: idOf('sender'), recipient: OWNER };
  const unlocked = {
    witnessIndex: 0,
    predicateGasUsed: 0n,
    predicate: EMPTY,
    predicateData: EMPTY,
  };
  return { type: 'message', ...owners, amount, nonce, data, ...unlocked };
}

export function contractOf(contractId: ContractId = CONTRACT): ContractInput {
  return {
    type: 'contract',
    utxoId: { txId: ZERO_B256, outputIndex: 0 },
    balanceRoot: ZERO_B256,
    stateRoot: ZERO_B256,
    txPointer: NO_POINTER,
    contractId,
  };
}

export function contractOutputOf(inputIndex: number): Output {
  return { type: 'contract', inputIndex, balanceRoot: ZERO_B256, stateRoot: ZERO_B256 };
}

export function pay(amount: bigint, to: B256 = OWNER): Output {
  return { type: 'coin', to, amount, assetId: PARAMS.baseAssetId };
}
export function changeTo(to: B256 = OWNER): Output {
  return { type: 'change', to, amount: 0n, assetId: PARAMS.baseAssetId };
}

export type TestTx = {
  readonly inputs: Input[];
  readonly outputs: Output[];
  readonly calls?: readonly ContractCall[];
  readonly policies?: Policies;
  readonly gasLimit?: bigint;
  /** Default: a good signature and not verified before. */
  readonly verified?: boolean;
  readonly signature?: Uint8Array;
};

/** A signed script with a sufficient max fee at price 1. */
export function scriptTx(test: TestTx): TxToExecute {
  const { script, scriptData } = callerScript(test.calls ?? [], PARAMS.baseAssetId, null);
  const draft: ScriptTx = {
    type: 'script',
    policies: { maxFee: 0n, ...test.policies },
    inputs: test.inputs,
    outputs: test.outputs,
    witnesses: [new Uint8Array(64)],
    scriptGasLimit: test.gasLimit ?? 100_000n,
    receiptsRoot: ZERO_B256,
    script,
    scriptData,
  };
  const policies = { maxFee: maxFee(draft, PARAMS, 1n), ...test.policies };
  const unsigned = { ...draft, policies };
  const id = txId(unsigned, PARAMS.chainId);
  const tx = { ...unsigned, witnesses: [test.signature ?? sign(SECRET, hexToBytes(id))] };
  return { id, tx, raw: encodeTx(tx), verified: test.verified ?? false };
}

/** Deploys the test contract under `salt`; pays with coin `n`. */
export function createTx(n: number, salt: B256): { job: TxToExecute; contractId: ContractId } {
  const stateRoot = initialStateRoot([]);
  const id = contractIdOf(CONTRACT_CODE, salt, stateRoot);
  const draft: CreateTx = {
    type: 'create',
    policies: { maxFee: 0n },
    inputs: [coinOf(n)],
    outputs: [{ type: 'contractCreated', contractId: id, stateRoot }, changeTo()],
    witnesses: [CONTRACT_CODE],
    bytecodeWitnessIndex: 0,
    salt,
    storageSlots: [],
  };
  const tx = { ...draft, policies: { maxFee: maxFee(draft, PARAMS, 1n) } };
  const job = { id: txId(tx, PARAMS.chainId), tx, raw: encodeTx(tx), verified: true };
  return { job, contractId: id };
}
