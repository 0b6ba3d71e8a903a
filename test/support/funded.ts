/** Chains with many funded coins, and signed transactions that spend them; the same every time. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEV_CONSENSUS_KEY } from '../../node/defaults.ts';
import { hexToBytes, utf8 } from '../../primitives/bytes.ts';
import { sha256, sha256Hex } from '../../primitives/hash.ts';
import { addressOfSecret, sign } from '../../primitives/secp256k1.ts';
import {
  type Address,
  type AssetId,
  type B256,
  type TxId,
  ZERO_B256,
} from '../../primitives/types.ts';
import { chainConfigToJson } from '../../state/chainConfig.ts';
import { encodeTx } from '../../tx/codec/transaction.ts';
import { txId } from '../../tx/id.ts';
import { type LosslessJson, stringifyLossless } from '../../tx/json.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import { standardParams } from '../../tx/paramsStandard.ts';
import type { ChargeableTx, Input, Output, ScriptTx, UtxoId } from '../../tx/types.ts';

const EMPTY = new Uint8Array(0);
const NOWHERE = { blockHeight: 0, txIndex: 0 } as const;

export type Key = { readonly secret: Uint8Array; readonly address: Address };
export type Coin = {
  readonly key: Key;
  readonly utxoId: UtxoId;
  readonly amount: bigint;
  /** Absent: the base asset. */
  readonly assetId?: AssetId;
};
export type Signed<T extends ChargeableTx = ChargeableTx> = {
  readonly id: TxId;
  readonly tx: T;
  readonly raw: Uint8Array;
};

const keys: Map<number, Key> = new Map();

/** Key number `n`. */
export function keyOf(n: number): Key {
  let key = keys.get(n);
  if (key === undefined) {
    const secret = sha256(utf8(`fuelrail funded key ${n}`));
    key = { secret, address: addressOfSecret(secret) };
    keys.set(n, key);
  }
  return key;
}

/** Coin number `n` of the genesis; a key owns `coinsPerKey` of them in a row. */
export function coinOf(n: number, amount: bigint = 1_000_000n, coinsPerKey: number = 100): Coin {
  const id = sha256Hex(utf8(`fuelrail funded coin ${n}`));
  return { key: keyOf(Math.floor(n / coinsPerKey)), utxoId: { txId: id, outputIndex: 0 }, amount };
}

/** Blocks that hold everything a test or a measurement puts in. */
export function roomyParams(): ConsensusParameters {
  return {
    ...standardParams(),
    blockGasLimit: 30_000_000_000_000n,
    blockTransactionSizeLimit: 1_000_000_000n,
  };
}

export type GenesisContract = {
  readonly id: B256;
  readonly code: Uint8Array;
  readonly slots: readonly { readonly key: string; readonly value: string }[];
  readonly balances?: readonly { readonly assetId: AssetId; readonly amount: bigint }[];
};

/** What `createNode({ snapshot })` takes, and what goes into the files of a snapshot directory. */
export type FundedChain = {
  readonly chainConfig: LosslessJson;
  readonly stateConfig: LosslessJson;
};

const plain = (hex: string): string => hex.replace(/^0x/, '');
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A chain that the development key signs, with the given coins and contracts. */
export function fundedChain(
  coins: readonly Coin[],
  contracts: readonly GenesisContract[] = [],
  params: ConsensusParameters = roomyParams(),
): FundedChain {
  const pointer = { tx_pointer_block_height: 0, tx_pointer_tx_idx: 0 };
  return {
    chainConfig: chainConfigToJson({
      chainName: 'funded',
      consensusParameters: params,
      genesisStateTransitionVersion: 34,
      stateTransitionBytecode: EMPTY,
      consensus: { type: 'poa', signingKey: addressOfSecret(hexToBytes(DEV_CONSENSUS_KEY)) },
    }),
    stateConfig: {
      coins: coins.map(({ key, utxoId, amount, assetId }) => ({
        tx_id: plain(utxoId.txId),
        output_index: utxoId.outputIndex,
        ...pointer,
        owner: plain(key.address),
        amount,
        asset_id: plain(assetId ?? params.baseAssetId),
      })),
      messages: [],
      contracts: contracts.map((contract, n) => ({
        contract_id: plain(contract.id),
        code: hexOf(contract.code),
        tx_id: plain(sha256Hex(utf8(`fuelrail funded contract ${n}`))),
        output_index: 0,
        ...pointer,
        states: contract.slots.map(({ key, value }) => ({ key: plain(key), value: plain(value) })),
        balances: (contract.balances ?? []).map(({ assetId, amount }) => ({
          asset_id: plain(assetId),
          amount,
        })),
      })),
      blobs: [],
    },
  };
}

export function coinInput({ key, utxoId, amount }: Coin, assetId: B256): Input {
  return {
    type: 'coin',
    utxoId,
    owner: key.address,
    amount,
    assetId,
    txPointer: NOWHERE,
    witnessIndex: 0,
    predicateGasUsed: 0n,
    predicate: EMPTY,
    predicateData: EMPTY,
  };
}

/** Signs with one key, as witness 0. */
export function signed<T extends ChargeableTx>(tx: T, key: Key, chainId: bigint): Signed<T> {
  const id = txId(tx, chainId);
  const complete: T = {
    ...tx,
    witnesses: [sign(key.secret, hexToBytes(id)), ...tx.witnesses.slice(1)],
  };
  return { id, tx: complete, raw: encodeTx(complete) };
}

/** A script that spends one coin; `parts` overrides anything. */
export function scriptOf(
  coin: Coin,
  params: ConsensusParameters,
  parts: Partial<Omit<ScriptTx, 'type'>> = {},
): ScriptTx {
  const assetId = params.baseAssetId;
  const change: Output = { type: 'change', to: coin.key.address, amount: 0n, assetId };
  return {
    type: 'script',
    scriptGasLimit: 0n,
    receiptsRoot: ZERO_B256,
    script: EMPTY,
    scriptData: EMPTY,
    policies: { maxFee: 1_000n },
    inputs: [coinInput(coin, assetId)],
    outputs: [change],
    witnesses: [EMPTY],
    ...parts,
  };
}

/** Sends `amount` to `to`, the rest back. Outputs: coin, change. */
export function transferOf(
  coin: Coin,
  to: Address,
  amount: bigint,
  params: ConsensusParameters,
): Signed<ScriptTx> {
  const assetId = params.baseAssetId;
  const outputs: Output[] = [
    { type: 'coin', to, amount, assetId },
    { type: 'change', to: coin.key.address, amount: 0n, assetId },
  ];
  return signed(scriptOf(coin, params, { outputs }), coin.key, params.chainId);
}

/** Writes the files of a snapshot into an existing folder, for `--snapshot`. */
export function writeSnapshot(dir: string, { chainConfig, stateConfig }: FundedChain): void {
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(dir, name), stringifyLossless(value));
  write('chain_config.json', chainConfig);
  write('state_config.json', stateConfig);
  write('metadata.json', {
    chain_config: 'chain_config.json',
    table_encoding: { Json: { filepath: 'state_config.json' } },
  });
}
