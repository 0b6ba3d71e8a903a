/** `fuelrail vm profile`: one script, or one script transaction, under the profiler. */
import { CodedError } from '../primitives/errors.ts';
import { type ContractId, ZERO_B256 } from '../primitives/types.ts';
import { decodeTx } from '../tx/codec/index.ts';
import { txId } from '../tx/id.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import { standardParams } from '../tx/paramsStandard.ts';
import type { ContractInput, ContractOutput, ScriptTx } from '../tx/types.ts';
import { type CheckedBalances, checkTx } from '../tx/validity.ts';
import { type Profile, profile } from '../vm/profile.ts';
import { programWat } from '../vm/profileWat.ts';
import { rulesFor } from '../vm/rules.ts';
import { ProfileWorld, type WorldContract } from './profileWorld.ts';

/** What is to be profiled. */
export type ProfileRequest = {
  /** Canonical bytes of a script transaction, or bytecode of a script. */
  readonly bytes: Uint8Array;
  /** Script data, for bytecode. */
  readonly data?: Uint8Array;
  /** Gas limit, for bytecode. Default: the most a transaction may have. */
  readonly gas?: bigint;
  readonly contracts?: readonly WorldContract[];
};

const NO_BALANCES: CheckedBalances = { nonRetryable: new Map(), retryableBase: 0n, maxFee: 0n };
const HEIGHT = 1;

/**
 * Runs it against the given contracts, with the standard parameters and the height 1. Bytecode may
 * touch all of them.
 * @throws CodedError PROFILE_CONTRACT_MISSING: the transaction declares a contract that is not given
 * @throws CodedError PROFILE_REFUSED: the VM gives no result
 */
export function profileProgram(request: ProfileRequest): Profile {
  const contracts = request.contracts ?? [];
  const params = standardParams();
  const tx = transactionIn(request.bytes) ?? scriptOf(request, params);
  const missing = tx.inputs.find(
    (input) => input.type === 'contract' && !contracts.some(({ id }) => id === input.contractId),
  );
  if (missing?.type === 'contract') {
    throw new CodedError(
      'PROFILE_CONTRACT_MISSING',
      `the transaction declares ${missing.contractId}: add --contract ${missing.contractId}=<file>`,
      { contractId: missing.contractId },
    );
  }
  const checked = checkTx(tx, HEIGHT, params);
  const found = profile({
    tx,
    txId: txId(tx, params.chainId),
    params,
    gasPrice: 0n,
    storage: new ProfileWorld(contracts),
    rules: rulesFor(params, 'auto'),
    balances: checked.ok ? checked.balances : NO_BALANCES,
  });
  if (found.result.refused !== undefined) {
    throw new CodedError('PROFILE_REFUSED', `the VM gives no result: ${found.result.refused}`);
  }
  return found;
}

/**
 * What the engine compiles the script to, as text.
 * @throws CodedError PROFILE_NOT_COMPILED: there is nothing to compile in it
 */
export function profileWat(bytes: Uint8Array): string {
  const text = programWat(transactionIn(bytes)?.script ?? bytes, standardParams());
  if (text === null) {
    throw new CodedError('PROFILE_NOT_COMPILED', 'no instruction of this program is compiled');
  }
  return text;
}

/** null: the bytes are no script transaction. */
function transactionIn(bytes: Uint8Array): ScriptTx | null {
  try {
    const { tx, bytesUsed } = decodeTx(bytes);
    return tx.type === 'script' && bytesUsed === bytes.length ? tx : null;
  } catch (error) {
    if (error instanceof CodedError) return null;
    throw error;
  }
}

function scriptOf(request: ProfileRequest, params: ConsensusParameters): ScriptTx {
  const contracts = request.contracts ?? [];
  return {
    type: 'script',
    scriptGasLimit: request.gas ?? params.txParams.maxGasPerTx,
    receiptsRoot: ZERO_B256,
    script: request.bytes,
    scriptData: request.data ?? new Uint8Array(0),
    policies: { maxFee: 0n },
    inputs: contracts.map(({ id }) => contractInput(id)),
    outputs: contracts.map((_, inputIndex) => contractOutput(inputIndex)),
    witnesses: [],
  };
}

function contractInput(contractId: ContractId): ContractInput {
  return {
    type: 'contract',
    utxoId: { txId: ZERO_B256, outputIndex: 0 },
    balanceRoot: ZERO_B256,
    stateRoot: ZERO_B256,
    txPointer: { blockHeight: 0, txIndex: 0 },
    contractId,
  };
}

function contractOutput(inputIndex: number): ContractOutput {
  return { type: 'contract', inputIndex, balanceRoot: ZERO_B256, stateRoot: ZERO_B256 };
}

/** The profile as one JSON object; big integers as decimal text, receipts left out. */
export function profileJson({ result, instructions, gas, programs }: Profile): string {
  const { programState } = result;
  return JSON.stringify({ instructions, gas, programState, programs }, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

export { profileText } from '../vm/profileText.ts';
