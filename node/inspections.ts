/** What looks at transactions without making blocks: dry runs, traces, the step debugger. */
import type { ChainStore } from '../state/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { NodeConfig } from './config.ts';
import { createDebugger } from './debug/sessions.ts';
import type { DevCore } from './dev/wire.ts';
import { createDryRuns, type DryRunDeps, dryRunEnv } from './dryRuns.ts';
import type { BlockHistory } from './explain/history.ts';
import type { GasPriceService, NodeServices } from './services.ts';
import { createTracer } from './trace/service.ts';

export type InspectionDeps = {
  readonly config: NodeConfig;
  readonly store: ChainStore;
  readonly params: () => { version: number; params: ConsensusParameters };
  readonly gasPrice: GasPriceService;
  readonly history: BlockHistory;
  /** null: no development controls. */
  readonly dev: DevCore | null;
};

/** The services of that name. */
export function inspections(
  deps: InspectionDeps,
): Pick<NodeServices, 'debug' | 'trace' | 'dryRuns'> {
  const { config, store, params, gasPrice, history, dev } = deps;
  const runs: DryRunDeps = {
    config,
    store,
    params,
    gasPrice,
    ...(dev === null ? {} : { dev: dryRunDevOf(dev) }),
  };
  return {
    ...(config.debug ? { debug: createDebugger({ store, params, vmRules: config.vmRules }) } : {}),
    trace: createTracer({
      store,
      history,
      params,
      allowsRunning: config.debug || config.dev,
      nextEnv: () => dryRunEnv(runs, { gasPrice: 0n, utxoValidation: false }),
    }),
    dryRuns: createDryRuns(runs),
  };
}

function dryRunDevOf(core: DevCore): NonNullable<DryRunDeps['dev']> {
  const { clock, impersonation, prepare } = core;
  return {
    time: (latest) => clock.peek(latest),
    asSigned: (tx) => impersonation.withoutWaived(tx),
    prepare,
  };
}
