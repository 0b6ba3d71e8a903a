/** Gas prices. */
import { CodedError } from '../../primitives/errors.ts';
import { U32_MAX } from '../../primitives/u64.ts';
import type { NodeServices } from '../services.ts';
import type { ApiContext, ResolverTable } from './context.ts';

/** Worst case `horizon` blocks ahead. @throws CodedError BAD_HORIZON when null or beyond u32 */
export function priceAhead(services: NodeServices, horizon: number | null | undefined): bigint {
  const { height } = services.store.latest;
  if (horizon == null || height + horizon > U32_MAX) {
    throw new CodedError('BAD_HORIZON', `Invalid block horizon. Overflows latest block :${height}`);
  }
  return services.gasPrice.worstCase(horizon);
}

export const GAS_PRICE: ResolverTable = {
  Query: {
    latestGasPrice: (_: unknown, __: unknown, { services }: ApiContext) => ({
      gasPrice: services.gasPrice.latest(),
      blockHeight: services.store.latest.height,
    }),
    estimateGasPrice: (
      _: unknown,
      { blockHorizon }: { blockHorizon?: number | null },
      { services }: ApiContext,
    ) => ({ gasPrice: priceAhead(services, blockHorizon) }),
  },
};
