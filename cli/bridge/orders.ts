/** What a gateway on Ethereum is told to pay out, in words. */
import type { Bridge } from '../../node/bridge.ts';
import type { TokenOrder } from '../../sdk/client/tokenWithdrawals.ts';
import { formatAmount } from '../wallet/amounts.ts';

/** Decimals of a token on this chain are at most as many. */
export const DECIMALS_MAX: number = 9;

/** `2 of 0x<token> to 0x<recipient>`; in units where Ethereum does not tell the decimals. */
export async function orderText(
  bridge: Pick<Bridge, 'tokenDecimals'>,
  gateway: `0x${string}`,
  { to, l1Token, amount }: TokenOrder,
): Promise<string> {
  const text = await bridge.tokenDecimals(gateway, l1Token).then(
    (decimals) => formatAmount(amount, Math.min(decimals, DECIMALS_MAX)),
    () => `${amount} units`,
  );
  return `${text} of ${l1Token} to ${to}`;
}
