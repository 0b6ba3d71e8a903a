/** The pool, with its ports plugged in. */
import { unixSecondsToTai64 } from '../primitives/tai64.ts';
import type { ChainStore } from '../state/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import { createTxPool, type TxPoolService } from '../txpool/service.ts';
import type { CheckThreads } from './checkThreads.ts';
import type { NodeConfig } from './config.ts';
import type { GasPrice } from './gasPrice.ts';
import type { StatusHub } from './statusHub.ts';
import { createTxChecks, type TxCheckDeps } from './txChecks.ts';

export type PoolWires = {
  readonly config: NodeConfig;
  readonly store: ChainStore;
  readonly hub: StatusHub;
  readonly gasPrice: GasPrice;
  readonly params: () => { version: number; params: ConsensusParameters };
  readonly nowMs: () => number;
  readonly checks: CheckThreads;
  readonly onExecutable: () => void;
  /** See `TxCheckDeps`. */
  readonly asSigned?: TxCheckDeps['asSigned'];
};

/** The pool of a node; nothing runs before its `start`. */
export function openPool(wires: PoolWires): TxPoolService {
  const { config, store, hub, gasPrice, params, nowMs } = wires;
  return createTxPool(config.pool, {
    utxoValidation: config.utxoValidation,
    view: () => store,
    chain: {
      height: () => store.latest.height,
      params: () => params().params,
      nextGasPrice: () => gasPrice.next(),
      bytecodeFault: (root) =>
        store.uploadedBytecode(root)?.type === 'completed' ? null : 'NotFound',
    },
    checkInputs: createTxChecks({
      blob: (id) => store.blob(id),
      vmRules: config.vmRules,
      threads: wires.checks,
      ...(wires.asSigned === undefined ? {} : { asSigned: wires.asSigned }),
    }),
    clock: {
      nowMs,
      schedule: (delayMs, task) => {
        const timer = setTimeout(task, delayMs);
        return () => clearTimeout(timer);
      },
    },
    listener: {
      submitted: (id, atMs) =>
        hub.publish(id, {
          type: 'submitted',
          time: unixSecondsToTai64(Math.floor(atMs / 1000)),
        }),
      squeezedOut: (id, reason) => hub.publish(id, { type: 'squeezedOut', reason }),
      executable: wires.onExecutable,
    },
  });
}
