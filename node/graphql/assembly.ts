/** The transaction that `assembleTx` is building, and the checks before it starts. */
import { CodedError } from '../../primitives/errors.ts';
import type { Address, AssetId, ContractId } from '../../primitives/types.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { ChargeableTx, Input } from '../../tx/types.ts';
import type { NodeServices } from '../services.ts';
import type { Excluded } from './coinSelection.ts';

export type Account =
  | { readonly type: 'address'; readonly owner: Address }
  | {
      readonly type: 'predicate';
      readonly owner: Address;
      readonly predicate: Uint8Array;
      readonly predicateData: Uint8Array;
    };

/** Receiver of what is left of an asset; null: it is destroyed. */
export type ChangePolicy = Address | null;

export type RequiredBalance = {
  readonly assetId: AssetId;
  readonly amount: bigint;
  readonly account: Account;
  readonly change: ChangePolicy;
};

export type AssembleRequest = {
  readonly tx: ChargeableTx;
  readonly required: readonly RequiredBalance[];
  readonly feeIndex: number;
  readonly excluded: Excluded;
  readonly estimatePredicates: boolean;
  readonly reserveGas: bigint;
  readonly gasPrice: bigint;
};

/** Everything that changes while the transaction grows. */
export type Assembly = {
  readonly services: NodeServices;
  readonly params: ConsensusParameters;
  readonly request: AssembleRequest;
  readonly feePayer: Account;
  readonly required: readonly RequiredBalance[];
  readonly changePolicies: ReadonlyMap<AssetId, ChangePolicy>;
  /** Base asset that the application wants of the fee payer, besides the fee. */
  readonly baseReserved: bigint;
  readonly originalMaxFee: bigint;
  readonly originalWitnessLimit: bigint;
  tx: ChargeableTx;
  /** Witness slot of each signer. */
  readonly signers: Map<Address, number>;
  /** Assets whose change is settled. */
  readonly changeDone: Set<AssetId>;
  readonly contracts: Set<ContractId>;
  hasPredicates: boolean;
  /** First of the variable outputs that were added to try out the script. */
  firstSpareOutput: number | null;
  estimates: number;
  dryRuns: number;
};

export function refuse(message: string): never {
  throw new CodedError('ASSEMBLE_TX', message);
}

/** A copy whose parts can be changed; byte strings are shared, nobody writes into them. */
export function copyTx(tx: ChargeableTx): ChargeableTx {
  return {
    ...tx,
    policies: { ...tx.policies },
    inputs: tx.inputs.map((input) => ({ ...input })),
    outputs: tx.outputs.map((output) => ({ ...output })),
    witnesses: [...tx.witnesses],
  };
}

/** Asset of an input; null for contracts. Messages are of the base asset. */
export function inputAsset(input: Input, baseAssetId: AssetId): AssetId | null {
  if (input.type === 'coin') return input.assetId;
  return input.type === 'message' ? baseAssetId : null;
}

export function inputOwner(input: Input): Address | null {
  if (input.type === 'coin') return input.owner;
  return input.type === 'message' ? input.recipient : null;
}

function checkCounts({ tx, required, feeIndex }: AssembleRequest, p: ConsensusParameters): void {
  if (tx.inputs.length > p.txParams.maxInputs) {
    refuse('The transaction has more inputs than allowed by the consensus');
  }
  if (tx.outputs.length > p.txParams.maxOutputs) {
    refuse('The transaction has more outputs than allowed by the consensus');
  }
  if (feeIndex >= required.length) refuse('The fee address index is out of bounds');
  const pairs = required.map(({ assetId, account }) => `${assetId}${account.owner}`);
  if (new Set(pairs).size < pairs.length) {
    refuse('required balances contain duplicate (asset, account) pair');
  }
}

type Scan = {
  readonly assets: Set<AssetId>;
  readonly contracts: Set<ContractId>;
  readonly signers: Map<Address, number>;
  hasPredicates: boolean;
};

/** What the given inputs bring, and their exclusion from the selection. */
function scanInputs(tx: ChargeableTx, baseAssetId: AssetId, excluded: Excluded): Scan {
  const scan: Scan = {
    assets: new Set(),
    contracts: new Set(),
    signers: new Map(),
    hasPredicates: false,
  };
  for (const input of tx.inputs) {
    if (input.type === 'contract') {
      scan.contracts.add(input.contractId);
      continue;
    }
    if (input.type === 'coin') {
      excluded.utxos.add(utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex));
    } else {
      excluded.messages.add(input.nonce);
    }
    scan.assets.add(input.type === 'coin' ? input.assetId : baseAssetId);
    if (input.predicate.length > 0) scan.hasPredicates = true;
    else {
      const owner = input.type === 'coin' ? input.owner : input.recipient;
      scan.signers.set(owner, input.witnessIndex);
    }
  }
  return scan;
}

/** One policy per asset: of change outputs that are there, then of the required balances. */
function mergePolicies(
  tx: ChargeableTx,
  required: readonly RequiredBalance[],
): Map<AssetId, ChangePolicy> {
  const policies = new Map<AssetId, ChangePolicy>();
  for (const output of tx.outputs) {
    if (output.type === 'change') policies.set(output.assetId, output.to);
  }
  for (const { assetId, change } of required) {
    const known = policies.get(assetId);
    if (known === undefined) policies.set(assetId, change);
    else if (known !== change) {
      refuse(`The asset ${assetId.slice(2)} has multiple change policies`);
    }
  }
  return policies;
}

/** @throws CodedError ASSEMBLE_TX when the request contradicts itself or the parameters */
export function startAssembly(services: NodeServices, request: AssembleRequest): Assembly {
  const { params } = services.params();
  const { baseAssetId } = params;
  checkCounts(request, params);
  const tx = copyTx(request.tx);
  const scan = scanInputs(tx, baseAssetId, request.excluded);
  const feePayer = request.required[request.feeIndex]?.account;
  if (!feePayer) return refuse('The fee address index is out of bounds');

  const requested = new Set(request.required.map((balance) => balance.assetId));
  const required = [...request.required];
  for (const assetId of scan.assets) {
    if (requested.has(assetId)) continue;
    required.push({ assetId, amount: 0n, account: feePayer, change: feePayer.owner });
  }
  const reserved = request.required.find(
    (balance) => balance.assetId === baseAssetId && balance.account.owner === feePayer.owner,
  );
  return {
    services,
    params,
    request,
    feePayer,
    changePolicies: mergePolicies(tx, required),
    required: required.filter(
      (balance) => balance.amount !== 0n || scan.assets.has(balance.assetId),
    ),
    baseReserved: reserved?.amount ?? 0n,
    originalMaxFee: tx.policies.maxFee ?? 0n,
    originalWitnessLimit: tx.policies.witnessLimit ?? 0n,
    tx,
    signers: scan.signers,
    changeDone: new Set(
      tx.outputs.flatMap((output) => (output.type === 'change' ? [output.assetId] : [])),
    ),
    contracts: scan.contracts,
    hasPredicates: scan.hasPredicates,
    firstSpareOutput: null,
    estimates: 0,
    dryRuns: 0,
  };
}
