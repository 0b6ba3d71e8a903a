/** How far a chain is on its way to Ethereum. */
import { askOwnRoute, type NodeTarget } from './ownRoutes.ts';

/** Amounts are decimal texts. Lists newest first. */
export type SettlementStatus =
  /** The node neither follows nor commits to Ethereum. */
  | { readonly enabled: false }
  | {
      readonly enabled: true;
      /** `fuel`: Fuel's contracts; `own`: the project's; null: nothing is committed. */
      readonly kind: 'fuel' | 'own' | null;
      readonly batches: readonly object[];
      readonly deposits: readonly object[];
      readonly withdrawals: readonly object[];
      readonly disputes: readonly object[];
      /** Why Ethereum could not be asked; null: it was. */
      readonly failure: string | null;
    };

/** @throws CodedError NODE_UNREACHABLE, NOT_FUELRAIL */
export function getSettlementStatus(target: NodeTarget): Promise<SettlementStatus> {
  return askOwnRoute(target, '/v1/fuelrail/settlement');
}
