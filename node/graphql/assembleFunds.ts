/** Inputs, change and fee of a transaction that is being assembled. */

import type { Address, AssetId } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { saturatingAdd, U64_MAX } from '../../primitives/u64.ts';
import { witnessesSizeBytes } from '../../tx/codec/transaction.ts';
import { gasToFee, maxGas } from '../../tx/fees.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { ChargeableTx, Input } from '../../tx/types.ts';
import { type Account, type Assembly, copyTx, inputAsset, inputOwner, refuse } from './assembly.ts';
import { maxCoinsReached, type Spendable, selectCoins } from './coinSelection.ts';

/** A signature's place is kept free with this many zeros. */
const SIGNATURE_BYTES = 64;
const EMPTY = new Uint8Array(0);

function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}
function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

/** Makes room for the signatures of the inputs that are there. */
export function addMissingWitnesses(a: Assembly): void {
  const { witnesses } = a.tx;
  for (const index of a.signers.values()) {
    while (witnesses.length <= index) witnesses.push(EMPTY);
    const witness = witnesses[index] ?? EMPTY;
    if (witness.length < SIGNATURE_BYTES) {
      const padded = new Uint8Array(SIGNATURE_BYTES);
      padded.set(witness);
      witnesses[index] = padded;
    }
  }
}

function witnessOf(a: Assembly, signer: Address): number {
  const known = a.signers.get(signer);
  if (known !== undefined) return known;
  const index = a.tx.witnesses.length;
  a.tx.witnesses.push(new Uint8Array(SIGNATURE_BYTES));
  a.signers.set(signer, index);
  return index;
}

function inputOf(a: Assembly, account: Account, coin: Spendable): Input {
  const unlock =
    account.type === 'address'
      ? {
          witnessIndex: witnessOf(a, account.owner),
          predicateGasUsed: 0n,
          predicate: EMPTY,
          predicateData: EMPTY,
        }
      : {
          witnessIndex: 0,
          predicateGasUsed: 0n,
          predicate: account.predicate,
          predicateData: account.predicateData,
        };
  if (coin.type === 'message') {
    const { sender, recipient, amount, nonce } = coin;
    return { type: 'message', sender, recipient, amount, nonce, data: EMPTY, ...unlock };
  }
  return {
    type: 'coin',
    utxoId: {
      txId: coin.key.slice(0, ZERO_B256.length) as `0x${string}`,
      outputIndex: Number.parseInt(coin.key.slice(ZERO_B256.length), 16),
    },
    owner: account.owner,
    amount: coin.amount,
    assetId: coin.assetId,
    txPointer: coin.txPointer,
    ...unlock,
  };
}

function settleChange(a: Assembly, assetId: AssetId): void {
  if (a.changeDone.has(assetId)) return;
  a.changeDone.add(assetId);
  const policy = a.changePolicies.get(assetId);
  const to = policy === undefined ? a.feePayer.owner : policy;
  if (to === null) return;
  a.tx.outputs.push({ type: 'change', to, amount: 0n, assetId });
  if (a.tx.outputs.length > a.params.txParams.maxOutputs) {
    refuse('Unable to add more `Change` outputs because reached the maximum allowed outputs limit');
  }
}

function addInput(a: Assembly, account: Account, coin: Spendable): void {
  if (account.type === 'predicate') a.hasPredicates = true;
  const { excluded } = a.request;
  if (coin.type === 'coin') excluded.utxos.add(coin.key);
  else excluded.messages.add(coin.nonce);
  const assetId = coin.type === 'coin' ? coin.assetId : a.params.baseAssetId;
  const input = inputOf(a, account, coin);
  settleChange(a, assetId);
  a.tx.inputs.push(input);
  if (a.tx.inputs.length > a.params.txParams.maxInputs) {
    refuse('Unable to add more inputs because reached the maximum allowed inputs limit');
  }
}

function freeInputs(a: Assembly): number {
  const free = a.params.txParams.maxInputs - a.tx.inputs.length;
  if (free >= 0) return free;
  return refuse(
    'Filling required balances occupies a number of inputs more than can fit into the transaction',
  );
}

function coinsFor(
  a: Assembly,
  owner: Address,
  assetId: AssetId,
  amount: bigint,
  max: number,
  allowPartial: boolean,
): Promise<Spendable[]> {
  const target = { assetId, amount, max, allowPartial };
  const { store } = a.services;
  return selectCoins(store, owner, target, a.params.baseAssetId, a.request.excluded);
}

/** Adds inputs for every required balance, and the change outputs of their assets. */
export async function addRequiredInputs(a: Assembly): Promise<void> {
  for (const { account, assetId, amount } of a.required) {
    const free = freeInputs(a);
    settleChange(a, assetId);
    for (const coin of await coinsFor(a, account.owner, assetId, amount, free, false)) {
      addInput(a, account, coin);
    }
  }
}

/** The limit is never lowered below what the user set. */
export function adjustWitnessLimit(a: Assembly): void {
  const size = BigInt(witnessesSizeBytes(a.tx.witnesses));
  a.tx.policies.witnessLimit = larger(size, a.originalWitnessLimit);
}

/** Predicates may look at the inputs, so each change of the inputs can change their gas. */
export async function estimateAgain(a: Assembly): Promise<void> {
  if (!a.request.estimatePredicates || !a.hasPredicates) return;
  const max = a.services.config.graphql.assembleEstimatesMax;
  if (a.estimates >= max) {
    refuse(`The transaction estimation requires running of predicate more than ${max} times`);
  }
  a.tx = copyTx(await a.services.dryRuns.estimatePredicates(a.tx));
  a.estimates += 1;
}

/** Fee of the most gas that the transaction may use, reserve and tip included. */
function feeAt(
  tx: ChargeableTx,
  params: ConsensusParameters,
  reserveGas: bigint,
  gasPrice: bigint,
): bigint {
  const wanted = saturatingAdd(maxGas(tx, params), reserveGas);
  const gas = smaller(wanted, params.txParams.maxGasPerTx);
  return gasToFee(gas, gasPrice, params.feeParams.gasPriceFactor);
}

/** Raises the max fee to what is needed; a higher one of the user stays. */
export function setMaxFee(a: Assembly, gasPrice: bigint): void {
  const exact = feeAt(a.tx, a.params, a.request.reserveGas, gasPrice);
  const fee = saturatingAdd(smaller(exact, U64_MAX), a.tx.policies.tip ?? 0n);
  a.tx.policies.maxFee = larger(fee, a.originalMaxFee);
}

/** Base asset of the fee payer that the inputs bring; data messages do not pay fees. */
function baseOfFeePayer(a: Assembly): bigint {
  const { baseAssetId } = a.params;
  let total = 0n;
  for (const input of a.tx.inputs) {
    if (input.type === 'contract') continue;
    if (input.type === 'message' && input.data.length > 0) continue;
    if (inputAsset(input, baseAssetId) !== baseAssetId) continue;
    if (inputOwner(input) === a.feePayer.owner) total += input.amount;
  }
  if (total <= U64_MAX) return total;
  return refuse('The total base asset amount used by the transaction is too big');
}

/** Adds base coins of the fee payer until fee and reserved amount are met; sets the max fee. */
export async function coverFee(a: Assembly): Promise<void> {
  const { baseAssetId } = a.params;
  const { owner } = a.feePayer;
  let total = baseOfFeePayer(a);
  for (;;) {
    const fee = feeAt(a.tx, a.params, a.request.reserveGas, a.request.gasPrice);
    if (fee > U64_MAX) refuse('The final fee is too big to fit into `u64`');
    const needed = saturatingAdd(saturatingAdd(fee, a.tx.policies.tip ?? 0n), a.baseReserved);
    if (needed <= total) break;
    const free = freeInputs(a);
    if (free === 0) {
      throw maxCoinsReached(owner, baseAssetId, total, a.params.txParams.maxInputs);
    }
    const coins = await coinsFor(a, owner, baseAssetId, needed - total, free, true);
    if (coins.length === 0) refuse('Unable to find any coins to pay for the fee');
    for (const coin of coins) {
      total += coin.amount;
      if (total > U64_MAX) {
        refuse('The total base asset amount became too big when tried to cover fee');
      }
      addInput(a, a.feePayer, coin);
    }
    await estimateAgain(a);
  }
  setMaxFee(a, a.request.gasPrice);
}
