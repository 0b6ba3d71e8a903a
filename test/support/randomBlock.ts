/**
 * Random blocks for comparing executions: transfers, chains of UTXOs, calls of shared and private
 * contracts, deployments that are called in the same block, blobs, messages, barriers, and
 * transactions that fail in the VM or are skipped. Deterministic for a seed.
 */
import type {
  BlockEnv,
  Changes,
  CoinRecord,
  StateView,
  TxSource,
  TxToExecute,
} from '../../executor/ports.ts';
import { emptyChanges } from '../../executor/ports.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import { addressOfSecret, sign } from '../../primitives/secp256k1.ts';
import type { Address, B256, ContractId } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import { encodeTx } from '../../tx/codec/index.ts';
import { blobIdOf, contractId, initialStateRoot } from '../../tx/contractId.ts';
import { maxFee } from '../../tx/fees.ts';
import { txId } from '../../tx/id.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import { encodeParamsPostcard } from '../../tx/paramsPostcard.ts';
import type { ChargeableTx, Input, Output, ScriptTx, UtxoId } from '../../tx/types.ts';
import { CONTRACT_CODE, type ContractCall, callerScript } from './callContract.ts';
import { idOf, randomOf } from './chainMaker.ts';

const EMPTY = new Uint8Array(0);
const NO_POINTER = { blockHeight: 0, txIndex: 0 };
const GAS_LIMIT = 200_000n;
const CONTRACT_COUNT = 6;

type Account = { readonly secret: Uint8Array; readonly address: Address };
type OwnedCoin = { readonly utxoId: UtxoId; readonly record: CoinRecord };

function accountOf(n: number): Account {
  const secret = hexToBytes(idOf(`secret ${n}`));
  return { secret, address: addressOfSecret(secret) };
}

const ACCOUNTS: readonly Account[] = [0, 1, 2, 3].map(accountOf);

/** The privileged account of the local chain; its secret is public. */
const PRIVILEGED_SECRET: Uint8Array = hexToBytes(
  'd80a243ef91956f626d1dad2f23bdfeb73fd0b363282b1eb2227ac5964144afb',
);
const SIGNERS: readonly Account[] = [
  ...ACCOUNTS,
  { secret: PRIVILEGED_SECRET, address: addressOfSecret(PRIVILEGED_SECRET) },
];

/** Makes transactions on top of a state that it also makes. */
export class RandomChain {
  readonly params: ConsensusParameters;
  readonly genesis: Changes = emptyChanges();
  readonly contracts: ContractId[] = [];
  readonly #random: (below: number) => number;
  readonly #signAll: boolean;
  /** Coins that should be unspent, newest last. */
  readonly #coins: OwnedCoin[] = [];
  readonly #spent: OwnedCoin[] = [];
  readonly #nonces: B256[] = [];
  readonly #blobs: B256[] = [];
  #names: number = 0;

  /** `signAll`: nothing counts as verified, everything that can be signed is. */
  constructor(seed: number, params: ConsensusParameters, signAll: boolean = false) {
    this.#signAll = signAll;
    this.params = params;
    this.#random = randomOf(seed);
    this.genesis.consensusParameters.set(0, params);
    for (let n = 0; n < 400; n += 1) {
      const isPrivileged = n % 40 === 0;
      const owner = isPrivileged ? params.privilegedAddress : this.#account().address;
      const record = {
        owner,
        amount: BigInt(1_000_000 + this.#random(1_000_000)),
        assetId: params.baseAssetId,
        txPointer: NO_POINTER,
      };
      const utxoId = { txId: idOf(`coin ${seed} ${n}`), outputIndex: n % 3 };
      this.genesis.coins.set(utxoKeyOf(utxoId.txId, utxoId.outputIndex), record);
      this.#coins.push({ utxoId, record });
    }
    for (let n = 0; n < 30; n += 1) this.#addMessage(seed, n);
    for (let n = 0; n < CONTRACT_COUNT; n += 1) this.#addContract(seed, n);
  }

  #addMessage(seed: number, n: number): void {
    const nonce = idOf(`nonce ${seed} ${n}`);
    const { address } = this.#account();
    const data = n % 2 === 0 ? EMPTY : Uint8Array.of(n, 7);
    const rest = { sender: idOf('sender'), amount: 500_000n, daHeight: 0n };
    this.genesis.messagesAdded.set(nonce, { ...rest, recipient: address, nonce, data });
    this.#nonces.push(nonce);
  }

  #addContract(seed: number, n: number): void {
    const id = idOf(`contract ${seed} ${n}`);
    this.genesis.contractCode.set(id, CONTRACT_CODE);
    const utxoId = { txId: idOf(`contract utxo ${n}`), outputIndex: 0 };
    this.genesis.contractUtxos.set(id, { utxoId, txPointer: NO_POINTER });
    this.contracts.push(id);
  }

  #account(): Account {
    return ACCOUNTS[this.#random(ACCOUNTS.length)]!;
  }

  #name(kind: string): B256 {
    this.#names += 1;
    return idOf(`${kind} ${this.#names} ${this.#random(1 << 30)}`);
  }

  #takeCoin(): OwnedCoin {
    if (this.#random(25) === 0 && this.#spent.length > 0) {
      return this.#spent[this.#random(this.#spent.length)]!;
    }
    const recent = this.#random(2) === 0 ? Math.min(8, this.#coins.length) : this.#coins.length;
    const at = this.#coins.length - 1 - this.#random(recent);
    const [coin] = this.#coins.splice(at, 1);
    this.#spent.push(coin!);
    return coin!;
  }

  #coinInput(coin: OwnedCoin, witnessIndex: number): Input {
    const { utxoId, record } = coin;
    const lies = this.#random(60) === 0;
    return {
      type: 'coin',
      utxoId,
      owner: record.owner,
      amount: record.amount + (lies ? 1n : 0n),
      assetId: record.assetId,
      txPointer: NO_POINTER,
      witnessIndex,
      predicateGasUsed: 0n,
      predicate: EMPTY,
      predicateData: EMPTY,
    };
  }

  #messageInput(witnessIndex: number): Input | null {
    const nonce = this.#nonces[this.#random(this.#nonces.length)]!;
    const message = this.genesis.messagesAdded.get(nonce)!;
    if (this.#random(3) > 0) this.#nonces.splice(this.#nonces.indexOf(nonce), 1);
    const { sender, recipient, amount, data } = message;
    const rest = { witnessIndex, predicateGasUsed: 0n, predicate: EMPTY, predicateData: EMPTY };
    return { type: 'message', sender, recipient, amount, nonce, data, ...rest };
  }

  #scriptWith(inputs: Input[], outputs: Output[], calls: readonly ContractCall[]): ScriptTx {
    const blobId = this.#blobs[this.#random(this.#blobs.length || 1)] ?? null;
    const readsBlob = blobId !== null && this.#random(4) === 0 ? blobId : null;
    const { script, scriptData } = callerScript(calls, this.params.baseAssetId, readsBlob);
    const isPlain = calls.length === 0 && readsBlob === null;
    return {
      type: 'script',
      policies: { maxFee: 0n },
      inputs,
      outputs,
      witnesses: [new Uint8Array(64)],
      scriptGasLimit: isPlain ? 100n : this.#random(12) === 0 ? 900n : GAS_LIMIT,
      receiptsRoot: ZERO_B256,
      script,
      scriptData,
    };
  }

  #coinOutputs(amount: bigint): Output[] {
    const assetId = this.params.baseAssetId;
    const outputs: Output[] = [];
    for (let i = this.#random(3); i > 0; i -= 1) {
      outputs.push({ type: 'coin', to: this.#account().address, amount: amount / 8n, assetId });
    }
    outputs.push({ type: 'change', to: this.#account().address, amount: 0n, assetId });
    return outputs;
  }

  #calls(): ContractCall[] {
    const count = this.#random(3);
    const calls: ContractCall[] = [];
    const hot = this.#random(3) === 0;
    for (let i = 0; i < count; i += 1) {
      const id = this.contracts[hot ? 0 : this.#random(this.contracts.length)]!;
      if (calls.some((call) => call.contractId === id) && this.#random(2) === 0) continue;
      const operations = BigInt(this.#random(1 << 7) & (this.#random(5) === 0 ? 0x7f : 0x7b));
      const coins = this.#random(3) === 0 ? BigInt(this.#random(500)) : 0n;
      calls.push({ contractId: id, operations, key: BigInt(this.#random(4)), coins });
    }
    return calls;
  }

  #script(): ChargeableTx {
    const coin = this.#takeCoin();
    const inputs: Input[] = [this.#coinInput(coin, 0)];
    if (this.#random(6) === 0 && this.#nonces.length > 1) {
      const message = this.#messageInput(0);
      if (message !== null) inputs.push(message);
    }
    const outputs = this.#coinOutputs(coin.record.amount);
    const calls = this.#calls();
    const declared = new Set(calls.map((call) => call.contractId));
    if (this.#random(20) === 0) declared.delete([...declared][0] as ContractId);
    // Declared, but never called.
    if (this.#random(15) === 0) declared.add(this.contracts[this.#random(this.contracts.length)]!);
    for (const id of declared) {
      outputs.push({
        type: 'contract',
        inputIndex: inputs.length,
        balanceRoot: ZERO_B256,
        stateRoot: ZERO_B256,
      });
      inputs.push({
        type: 'contract',
        utxoId: { txId: ZERO_B256, outputIndex: 0 },
        balanceRoot: ZERO_B256,
        stateRoot: ZERO_B256,
        txPointer: NO_POINTER,
        contractId: id,
      });
    }
    return this.#scriptWith(inputs, outputs, calls);
  }

  #create(): ChargeableTx {
    const coin = this.#takeCoin();
    const salt = this.#name('salt');
    const storageSlots = [{ key: ZERO_B256, value: idOf('initial') }];
    const stateRoot = initialStateRoot(storageSlots);
    const id = contractId(CONTRACT_CODE, salt, stateRoot);
    this.contracts.push(id);
    return {
      type: 'create',
      policies: { maxFee: 0n },
      inputs: [this.#coinInput(coin, 1)],
      outputs: [
        { type: 'contractCreated', contractId: id, stateRoot },
        ...this.#coinOutputs(0n).filter((output) => output.type === 'change'),
      ],
      witnesses: [CONTRACT_CODE, new Uint8Array(64)],
      bytecodeWitnessIndex: 0,
      salt,
      storageSlots,
    };
  }

  #blob(): ChargeableTx {
    const payload = new Uint8Array(40 + this.#random(200)).fill(this.#random(256));
    const blobId = blobIdOf(payload);
    this.#blobs.push(blobId);
    return {
      type: 'blob',
      policies: { maxFee: 0n },
      inputs: [this.#coinInput(this.#takeCoin(), 1)],
      outputs: this.#coinOutputs(0n).filter((output) => output.type === 'change'),
      witnesses: [payload, new Uint8Array(64)],
      blobId,
      witnessIndex: 0,
    };
  }

  #upgrade(): ChargeableTx {
    const at = this.#coins.findIndex(
      ({ record }) => record.owner === this.params.privilegedAddress,
    );
    const [coin] = at < 0 ? [this.#takeCoin()] : this.#coins.splice(at, 1);
    // Nothing that the fees of later transactions depend on.
    const blockGasLimit = this.params.blockGasLimit + 1n;
    const payload = encodeParamsPostcard({ ...this.params, blockGasLimit });
    return {
      type: 'upgrade',
      policies: { maxFee: 0n },
      inputs: [this.#coinInput(coin!, 1)],
      outputs: this.#coinOutputs(0n).filter((output) => output.type === 'change'),
      witnesses: [payload, new Uint8Array(64)],
      purpose: { type: 'consensusParameters', witnessIndex: 0, checksum: sha256Hex(payload) },
    };
  }

  #any(): ChargeableTx {
    const dice = this.#random(40);
    if (dice < 2) return this.#create();
    if (dice < 4) return this.#blob();
    if (dice < 5) return this.#upgrade();
    return this.#script();
  }

  /** With a fee that is enough, signed or said to be verified. */
  #finish(draft: ChargeableTx): TxToExecute {
    const fee = maxFee(draft, this.params, 1n);
    const tooLittle = this.#random(50) === 0;
    const tx = { ...draft, policies: { maxFee: tooLittle ? fee - 1n : fee } };
    const id = txId(tx, this.params.chainId);
    const verified = this.#random(5) > 0 && !this.#signAll;
    const owner = tx.inputs[0]?.type === 'coin' ? tx.inputs[0].owner : null;
    const account = SIGNERS.find(({ address }) => address === owner);
    const signs = this.#random(8) > 0 || this.#signAll;
    if (!verified && account !== undefined && signs) {
      tx.witnesses = [...tx.witnesses.slice(0, -1), sign(account.secret, hexToBytes(id))];
    }
    this.#addOutputs(tx, id);
    return { id, tx, raw: encodeTx(tx), verified };
  }

  #addOutputs(tx: ChargeableTx, id: B256): void {
    tx.outputs.forEach((output, outputIndex) => {
      if (output.type !== 'coin') return;
      const { to: owner, amount, assetId } = output;
      const record = { owner, amount, assetId, txPointer: NO_POINTER };
      if (amount > 50_000n) this.#coins.push({ utxoId: { txId: id, outputIndex }, record });
    });
  }

  /** The next `count` transactions. */
  txs(count: number): TxToExecute[] {
    const txs: TxToExecute[] = [];
    for (let i = 0; i < count; i += 1) {
      const earlier = txs[this.#random(txs.length || 1)];
      // Now and then the same transaction again.
      txs.push(
        earlier !== undefined && this.#random(60) === 0 ? earlier : this.#finish(this.#any()),
      );
    }
    return txs;
  }
}

/** Gives `txs` in order, at most `roundTxCountMax` at a time, within the limits. */
export function listSource(txs: readonly TxToExecute[], roundTxCountMax: number): TxSource {
  let at = 0;
  return {
    take({ countLimit }) {
      const taken = txs.slice(at, at + Math.min(roundTxCountMax, countLimit));
      at += taken.length;
      return taken;
    },
  };
}

/** Environment of a test block. */
export function testEnv(params: ConsensusParameters, over: Partial<BlockEnv> = {}): BlockEnv {
  return {
    height: 1,
    time: 4611686020222624795n,
    daHeight: 0n,
    prevRoot: ZERO_B256,
    gasPrice: 1n,
    coinbaseRecipient: ZERO_B256,
    consensusParametersVersion: 0,
    stateTransitionVersion: 0,
    params,
    rules: '0.66',
    utxoValidation: true,
    ...over,
  };
}

export type { StateView };
