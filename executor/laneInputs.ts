/** What a job brings for the inputs of its transactions. */
import { utxoKeyOf } from '../tx/accessKeys.ts';
import type { CoinInput } from '../tx/types.ts';
import { COIN_ABSENT, COIN_DIFFERS, type LaneJob } from './laneMessages.ts';
import type { CoinRecord, StateView, TxToExecute } from './ports.ts';

type Mutable<M> = M extends ReadonlyMap<infer K, infer V> ? Map<K, V> : never;

function isAsStated(coin: CoinRecord, input: CoinInput): boolean {
  const { owner, amount, assetId } = input;
  return coin.owner === owner && coin.amount === amount && coin.assetId === assetId;
}

/**
 * The coins, messages and contract UTXOs of all inputs, as they are before the lane. A coin that is
 * what its input says travels as two numbers.
 */
export function declaredInputs(
  jobs: readonly TxToExecute[],
  state: StateView,
): Pick<LaneJob, 'coinPointers' | 'otherCoins' | 'messages' | 'contractUtxos'> {
  const coinPointers: number[] = [];
  const otherCoins: Mutable<LaneJob['otherCoins']> = new Map();
  const messages: Mutable<LaneJob['messages']> = new Map();
  const contractUtxos: Mutable<LaneJob['contractUtxos']> = new Map();
  for (const { tx } of jobs) {
    for (const input of tx.inputs) {
      if (input.type === 'message') messages.set(input.nonce, state.message(input.nonce));
      else if (input.type === 'contract') {
        contractUtxos.set(input.contractId, state.contractUtxo(input.contractId));
      } else {
        const key = utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex);
        const coin = state.coin(key);
        if (coin === null) coinPointers.push(COIN_ABSENT, 0);
        else if (isAsStated(coin, input)) {
          coinPointers.push(coin.txPointer.blockHeight, coin.txPointer.txIndex);
        } else {
          coinPointers.push(COIN_DIFFERS, 0);
          otherCoins.set(key, coin);
        }
      }
    }
  }
  return { coinPointers, otherCoins, messages, contractUtxos };
}
