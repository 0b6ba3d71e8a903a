/**
 * The tip of the chain as it moves, as events for `EventSource`. The protocol has no subscription
 * for blocks (its `alpha__new_blocks` carries an encoding of the reference), so this one stands
 * beside the standard API. A reader that is slower than the chain gets the newest tip only.
 */
import type { BlockHeader } from '../../tx/block.ts';
import type { NodeServices } from '../services.ts';

/** Readers at the same time; one page needs one. */
export const LIVE_READERS_MAX = 256;

/** One event. */
export type LiveTip = {
  readonly height: number;
  readonly id: string;
  /** TAI64, decimal. */
  readonly time: string;
  readonly txCount: number;
  readonly poolTxCount: number;
};

type LiveServices = Pick<NodeServices, 'blocks' | 'store' | 'txs'>;

function tipOf({ txs }: LiveServices, header: BlockHeader): string {
  const tip: LiveTip = {
    height: header.height,
    id: header.id,
    time: String(header.time),
    txCount: header.transactionsCount,
    poolTxCount: txs.stats().txCount,
  };
  return JSON.stringify(tip);
}

/** The tip now, and each later one, until `signal` aborts. */
export async function* liveTips(
  services: LiveServices,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let newest: BlockHeader | null = services.store.latest;
  let wake: () => void = () => {};
  const wakeUp = (): void => wake();
  const stop = services.blocks.onBlock((block) => {
    newest = block.header;
    wakeUp();
  });
  signal.addEventListener('abort', wakeUp);
  try {
    while (!signal.aborted) {
      if (newest === null) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const header: BlockHeader = newest;
      newest = null;
      yield tipOf(services, header);
    }
  } finally {
    stop();
    signal.removeEventListener('abort', wakeUp);
  }
}
