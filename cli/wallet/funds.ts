/** What the node says when there is not enough to spend, as one reads it in a wallet. */
import { CodedError } from '../../primitives/errors.ts';
import type { AssetId } from '../../primitives/types.ts';
import { amountText } from './amounts.ts';

const MISSING = /insufficient coins available for ([0-9a-f]{64})\. Collected: (\d+)/;
const TOO_MANY = /exceeding the \d+ coin limit/;

/** @throws CodedError FUNDS_MISSING, COINS_TOO_SMALL; or `cause`, when it is about something else */
export function explainMissing(cause: unknown, baseAssetId: AssetId): never {
  const text = cause instanceof Error ? cause.message : '';
  const [, asset, collected] = MISSING.exec(text) ?? [];
  if (asset !== undefined && collected !== undefined) {
    if (BigInt(collected) === 0n) {
      throw new CodedError(
        'FUNDS_MISSING',
        `the account has nothing free for this on this chain; 'fuelrail wallet address' is where to send it (on a node with --dev: 'fuelrail dev fund')`,
        {},
        cause,
      );
    }
    const held = amountText(BigInt(collected), `0x${asset}`, baseAssetId);
    throw new CodedError(
      'FUNDS_MISSING',
      `the account has no more than ${held} free for this, and it must cover the fee too; send less, or --max`,
      {},
      cause,
    );
  }
  if (TOO_MANY.test(text)) {
    throw new CodedError(
      'COINS_TOO_SMALL',
      'the amount is spread over more coins than one transaction may spend; send less at once, or send --max to yourself first',
      {},
      cause,
    );
  }
  throw cause;
}
