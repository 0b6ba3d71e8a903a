/**
 * `extensions` of requests and responses. Clients keep the height of a response and send it back as
 * the height that the next answer must reflect.
 */
import { GraphQLError } from 'graphql';
import type { BlockHeight } from '../../primitives/types.ts';
import { U32_MAX } from '../../primitives/u64.ts';
import type { NodeServices } from '../services.ts';

export type ResponseExtensions = {
  current_consensus_parameters_version: number;
  current_fuel_block_height: BlockHeight;
  current_stf_version: number;
  fuel_block_height_precondition_failed?: true;
};

/** What every executed response tells of the chain. */
export function chainState(services: NodeServices): ResponseExtensions {
  const { latest } = services.store;
  return {
    current_consensus_parameters_version: latest.consensusParametersVersion,
    current_fuel_block_height: services.visibleHeight(),
    current_stf_version: latest.stateTransitionBytecodeVersion,
  };
}

/** Anything that is not a whole number counts as not asked for. */
export function requiredHeight(extensions: unknown): BlockHeight | null {
  if (typeof extensions !== 'object' || extensions === null) return null;
  const value = (extensions as Record<string, unknown>)['required_fuel_block_height'];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return null;
  return Math.min(value, U32_MAX);
}

/** Why a request cannot be answered at the required height. */
export type HeightRefusal = {
  readonly error: GraphQLError;
  readonly extensions: ResponseExtensions;
};

function tooFarAhead(services: NodeServices, required: BlockHeight): HeightRefusal {
  const extensions: ResponseExtensions = {
    ...chainState(services),
    fuel_block_height_precondition_failed: true,
  };
  const message =
    'The required fuel block height is higher than the current block height. ' +
    `Required: ${required}, Current: ${extensions.current_fuel_block_height}`;
  return { error: new GraphQLError(message, { extensions }), extensions };
}

/** Waits for a height that is near; null: go on. */
export async function awaitHeight(
  services: NodeServices,
  required: BlockHeight,
): Promise<HeightRefusal | null> {
  const current = services.visibleHeight();
  if (current >= required) return null;
  const { heightTolerance, heightWaitMs } = services.config.graphql;
  if (required > current + heightTolerance) return tooFarAhead(services, required);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), heightWaitMs);
  try {
    await services.waitForHeight(required, abort.signal);
    return null;
  } catch {
    const extensions = chainState(services);
    const message = 'Failed to wait for the required fuel block height';
    return { error: new GraphQLError(message, { extensions }), extensions };
  } finally {
    clearTimeout(timer);
  }
}
