/** Collects coins, contracts and transactions of a workload. */
import type { Changes, TxToExecute } from '../../executor/ports.ts';
import { emptyChanges } from '../../executor/ports.ts';
import { hexToBytes, utf8 } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import { sign } from '../../primitives/secp256k1.ts';
import type { Address, AssetId, B256 } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { type Coin, coinInput, type GenesisContract, keyOf } from '../../test/support/funded.ts';
import { mulberry } from '../../test/support/random.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import { encodeTx } from '../../tx/codec/transaction.ts';
import { txId } from '../../tx/id.ts';
import { txOffsets } from '../../tx/offsets.ts';
import type { CoinInput, Input, Output, ScriptTx } from '../../tx/types.ts';
import { type Call, callData, callGas, callScript } from './programs.ts';
import { zipfRanks } from './random.ts';
import type { WorkloadOptions } from './types.ts';

const EMPTY = new Uint8Array(0);
const SIGNATURE_BYTES = 64;
const NOWHERE = { blockHeight: 0, txIndex: 0 } as const;
/** Keys own so many coins each: making a key costs as much as signing. */
const COINS_PER_KEY = 20;
/** What every transaction is ready to pay, base asset units. */
export const MAX_FEE = 1_000n;
const COIN_AMOUNT = 1_000_000_000n;

/** What one transaction consists of. */
export type TxParts = {
  /** Base-asset coin first; all with the key of the first one. */
  readonly coins: readonly Coin[];
  readonly calls?: readonly Call[];
  /** Contracts that are declared and not called. */
  readonly unused?: readonly B256[];
  /** Coin outputs before the change. */
  readonly pays?: readonly Output[];
  readonly variableOutputs?: number;
  readonly work?: number;
  /** Owns the first coin; `work` is its data. */
  readonly predicate?: { readonly code: Uint8Array; readonly data: Uint8Array; gas: bigint };
};

export class WorkloadMaker {
  readonly options: WorkloadOptions;
  /** Numbers in [0, 1). */
  readonly next: () => number;
  /** Number of a contract. */
  readonly draw: () => number;
  readonly coins: Coin[] = [];
  readonly txs: TxToExecute[] = [];
  readonly skips: number[] = [];
  readonly #contracts: Map<B256, GenesisContract> = new Map();
  readonly #slots: Map<B256, { key: string; value: string }[]> = new Map();
  readonly #dataOffsets: Map<number, number> = new Map();
  #coinNumber: number = 0;

  constructor(options: WorkloadOptions) {
    this.options = options;
    this.next = mulberry(options.seed);
    this.draw = zipfRanks(this.next, options.contracts, options.theta);
  }

  /** A coin of the genesis. */
  fund(amount: bigint = COIN_AMOUNT, assetId?: AssetId, key?: Coin['key']): Coin {
    const coin = this.unfunded(amount, assetId, key);
    this.coins.push(coin);
    return coin;
  }

  /** A coin that nobody has; neighbours have the same key. */
  unfunded(amount: bigint = COIN_AMOUNT, assetId?: AssetId, key?: Coin['key']): Coin {
    const n = this.#coinNumber;
    this.#coinNumber += 1;
    const id = sha256Hex(utf8(`fuelrail workload ${this.options.seed} coin ${n}`));
    return {
      key: key ?? keyOf(Math.floor(n / COINS_PER_KEY)),
      utxoId: { txId: id, outputIndex: 0 },
      amount,
      ...(assetId === undefined ? {} : { assetId }),
    };
  }

  contract(contract: GenesisContract): B256 {
    if (!this.#contracts.has(contract.id)) this.#contracts.set(contract.id, contract);
    return contract.id;
  }

  addSlot(contractId: B256, slot: { key: string; value: string }): void {
    const slots = this.#slots.get(contractId) ?? [];
    slots.push(slot);
    this.#slots.set(contractId, slots);
  }

  contracts(): GenesisContract[] {
    return [...this.#contracts.values()].map((contract) => ({
      ...contract,
      slots: [...contract.slots, ...(this.#slots.get(contract.id) ?? [])],
    }));
  }

  /** Adds a transaction. */
  add(parts: TxParts): TxToExecute {
    const { params } = this.options;
    const unsigned = this.#draft(parts);
    const id = txId(unsigned, params.chainId);
    const secret = parts.coins[0]?.key.secret;
    const signs = this.options.sign && secret !== undefined && parts.predicate === undefined;
    const witnesses = signs ? [sign(secret, hexToBytes(id))] : unsigned.witnesses;
    const tx = { ...unsigned, witnesses };
    const job: TxToExecute = { id, tx, raw: encodeTx(tx), verified: true };
    this.txs.push(job);
    return job;
  }

  #draft(parts: TxParts): ScriptTx {
    const { params, work: everybodysWork } = this.options;
    const { calls = [], unused = [], pays = [], variableOutputs = 0, coins } = parts;
    const work = parts.work ?? (parts.predicate === undefined ? everybodysWork : 0);
    const assetId = params.baseAssetId;
    const owner = coins[0]?.key.address as Address;
    const declared = new Set([...calls.map(({ contractId }) => contractId), ...unused]);
    const inputs: Input[] = [...declared].map(contractInput);
    const outputs: Output[] = inputs.map((_, inputIndex) => contractOutput(inputIndex));
    inputs.push(...coins.map((coin) => inputOf(coin, assetId, parts)));
    const change = (asset: AssetId): Output => ({
      type: 'change',
      to: owner,
      amount: 0n,
      assetId: asset,
    });
    const assets = new Set(coins.map((coin) => coin.assetId ?? assetId));
    outputs.push(...pays, ...[...assets].map(change));
    for (let i = 0; i < variableOutputs; i += 1) outputs.push(VARIABLE);
    const runs = work > 0 || calls.length > 0;
    const script = runs ? callScript(calls.length) : EMPTY;
    const draft: ScriptTx = {
      type: 'script',
      scriptGasLimit: runs ? callGas(work, calls.length, params) : 0n,
      receiptsRoot: ZERO_B256,
      script,
      scriptData: EMPTY,
      policies: { maxFee: MAX_FEE },
      inputs,
      outputs,
      witnesses: parts.predicate === undefined ? [new Uint8Array(SIGNATURE_BYTES)] : [],
    };
    if (!runs) return draft;
    return { ...draft, scriptData: callData(work, calls, this.#dataOffset(draft), params) };
  }

  /** Depends on nothing but the script's length. */
  #dataOffset(draft: ScriptTx): number {
    const known = this.#dataOffsets.get(draft.script.length);
    if (known !== undefined) return known;
    const offset = txOffsets(draft).scriptDataOffset as number;
    this.#dataOffsets.set(draft.script.length, offset);
    return offset;
  }
}

const VARIABLE: Output = { type: 'variable', to: ZERO_B256, amount: 0n, assetId: ZERO_B256 };

function contractInput(contractId: B256): Input {
  return {
    type: 'contract',
    utxoId: { txId: ZERO_B256, outputIndex: 0 },
    balanceRoot: ZERO_B256,
    stateRoot: ZERO_B256,
    txPointer: NOWHERE,
    contractId,
  };
}

function contractOutput(inputIndex: number): Output {
  return { type: 'contract', inputIndex, balanceRoot: ZERO_B256, stateRoot: ZERO_B256 };
}

function inputOf(coin: Coin, baseAssetId: AssetId, { predicate }: TxParts): Input {
  const input = coinInput(coin, coin.assetId ?? baseAssetId) as CoinInput;
  if (predicate === undefined) return input;
  const { code, data, gas } = predicate;
  return { ...input, predicate: code, predicateData: data, predicateGasUsed: gas };
}

/** The state as changes on top of nothing. */
export function genesisChanges(maker: WorkloadMaker): Changes {
  const { params } = maker.options;
  const changes = emptyChanges();
  changes.consensusParameters.set(0, params);
  for (const { key, utxoId, amount, assetId = params.baseAssetId } of maker.coins) {
    const record = { owner: key.address, amount, assetId, txPointer: NOWHERE };
    changes.coins.set(utxoKeyOf(utxoId.txId, utxoId.outputIndex), record);
  }
  maker.contracts().forEach(({ id, code, slots, balances = [] }, n) => {
    changes.contractCode.set(id, code);
    const utxoId = { txId: sha256Hex(utf8(`fuelrail funded contract ${n}`)), outputIndex: 0 };
    changes.contractUtxos.set(id, { utxoId, txPointer: NOWHERE });
    const hex = (key: string): B256 => `0x${key.replace(/^0x/, '')}`;
    const stored = slots.map(({ key, value }) => [hex(key), hexToBytes(value)] as const);
    changes.slots.set(id, new Map(stored));
    changes.balances.set(id, new Map(balances.map((each) => [each.assetId, each.amount])));
  });
  return changes;
}
