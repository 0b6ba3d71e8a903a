/**
 * The mint: last transaction of every block. With a coinbase recipient the fees of the block are
 * added to that contract's balance; without one nothing is minted and everything stays zero.
 *
 * @source fuel-core-executor 0.48.2 (behaviour)
 */
import { CodedError } from '../primitives/errors.ts';
import type { ContractId } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import { encodeTx } from '../tx/codec/index.ts';
import { txId } from '../tx/id.ts';
import type { MintTx } from '../tx/types.ts';
import type { BlockInProgress } from './block.ts';
import { TxOverlay } from './overlay.ts';
import { balanceAccessRoot } from './roots.ts';
import { skipText } from './texts.ts';

const U64_MAX = (1n << 64n) - 1n;
const NO_POINTER = { blockHeight: 0, txIndex: 0 } as const;

/**
 * Adds the mint to the block.
 * @throws CodedError COINBASE_CONTRACT_MISSING, COINBASE_BALANCE_OVERFLOW
 */
export function addMint(block: BlockInProgress): void {
  const { env } = block;
  const { coinbaseRecipient } = env;
  const hasRecipient = coinbaseRecipient !== ZERO_B256;
  const empty: MintTx = {
    type: 'mint',
    txPointer: { blockHeight: env.height, txIndex: block.executed.length },
    inputContract: {
      utxoId: { txId: ZERO_B256, outputIndex: 0 },
      balanceRoot: ZERO_B256,
      stateRoot: ZERO_B256,
      txPointer: NO_POINTER,
      contractId: coinbaseRecipient,
    },
    outputContract: { inputIndex: 0, balanceRoot: ZERO_B256, stateRoot: ZERO_B256 },
    mintAmount: hasRecipient ? block.fees : 0n,
    mintAssetId: env.params.baseAssetId,
    gasPrice: env.gasPrice,
  };
  const id = txId(empty, env.params.chainId);
  const tx = hasRecipient ? payRecipient(block, empty, id) : empty;
  block.include({
    executed: {
      id,
      tx,
      raw: encodeTx(tx),
      success: true,
      programState: null,
      reason: null,
      receipts: [],
      totalGas: 0n,
      totalFee: 0n,
    },
    messageIds: [],
    sizeBytes: 0,
  });
}

function payRecipient(block: BlockInProgress, mint: MintTx, id: `0x${string}`): MintTx {
  const { env, overlay } = block;
  const { contractId } = mint.inputContract;
  const utxo = overlay.contractUtxo(contractId);
  if (utxo === null && env.utxoValidation) throw missingRecipient(contractId);
  const storage = new TxOverlay(overlay, env);
  if (mint.mintAmount > 0n) {
    const sum = (storage.balance(contractId, mint.mintAssetId) ?? 0n) + mint.mintAmount;
    if (sum > U64_MAX) {
      throw new CodedError(
        'COINBASE_BALANCE_OVERFLOW',
        "Can't increase the balance of the coinbase contract: it would pass 64 bits; name another",
        { contractId },
      );
    }
    storage.setBalance(contractId, mint.mintAssetId, sum);
  }
  const { changes } = storage;
  const txPointer = { blockHeight: env.height, txIndex: block.executed.length };
  changes.contractUtxos.set(contractId, { utxoId: { txId: id, outputIndex: 0 }, txPointer });
  overlay.apply(changes);
  return {
    ...mint,
    inputContract: {
      ...mint.inputContract,
      utxoId: utxo?.utxoId ?? { txId: ZERO_B256, outputIndex: 0 },
      txPointer: utxo?.txPointer ?? NO_POINTER,
      balanceRoot: balanceAccessRoot(storage.balanceReads.get(contractId)),
    },
    outputContract: {
      ...mint.outputContract,
      balanceRoot: balanceAccessRoot(changes.balances.get(contractId)),
    },
  };
}

function missingRecipient(contractId: ContractId): CodedError {
  return new CodedError(
    'COINBASE_CONTRACT_MISSING',
    `${skipText.contractDoesNotExist(contractId)}: deploy the coinbase recipient first, or name ` +
      'another one',
    { contractId },
  );
}
