/** How far a chain is on its way to the data-availability layer. */
import { askOwnRoute, type NodeTarget } from './ownRoutes.ts';

/** Heights; −1: none yet. */
export type DaProgress = {
  readonly layer: string;
  readonly sealed: number;
  readonly posted: number;
  readonly included: number;
  readonly final: number;
  readonly backlogBlocks: number;
  readonly lastError: string | null;
};

/** @returns null: the node posts nothing @throws CodedError NODE_UNREACHABLE, NOT_FUELRAIL */
export async function getDaStatus(target: NodeTarget): Promise<DaProgress | null> {
  type Answer = { readonly posting: DaProgress | null };
  return (await askOwnRoute<Answer>(target, '/v1/fuelrail/da/status')).posting;
}

/** Where a block is: its stage and the frame that has it. */
export type DaBlock = { readonly height: number; readonly stage: string; readonly frame: unknown };

/** @throws CodedError DA_NOT_POSTING, DA_UNKNOWN_BLOCK, NODE_UNREACHABLE, NOT_FUELRAIL */
export function getDaBlock(target: NodeTarget, height: number): Promise<DaBlock> {
  return askOwnRoute(target, `/v1/fuelrail/da/block/${height}`);
}
