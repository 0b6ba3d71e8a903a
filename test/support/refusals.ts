/** Many calls at once, each of which a contract is expected to refuse. */
import { type Abi, encodeFunctionData, type Hex, toFunctionSelector } from 'viem';
import type { Anvil, Artifact } from './anvil.ts';
import { PROBE } from './settlementContracts.ts';

/** Calls in one request. */
const STEP = 50;

/**
 * How often each call was refused, and why: `statement: error`. The error of one that was not is
 * `accepted`.
 */
export async function refusals(
  anvil: Anvil,
  probe: Hex,
  to: Hex,
  { abi }: Pick<Artifact, 'abi'>,
  errors: Abi,
  calls: readonly (readonly [name: string, args: readonly unknown[]])[],
): Promise<Map<string, number>> {
  const names = new Map<string, string>(
    errors.flatMap((item) =>
      item.type === 'error'
        ? [
            [
              toFunctionSelector(`${item.name}(${item.inputs.map(({ type }) => type).join()})`),
              item.name,
            ],
          ]
        : [],
    ),
  );
  const found = new Map<string, number>();
  for (let from = 0; from < calls.length; from += STEP) {
    const some = calls.slice(from, from + STEP);
    const data = some.map(([functionName, args]) =>
      encodeFunctionData({ abi, functionName, args }),
    );
    const call = { abi: PROBE.abi, address: probe, functionName: 'refusals', args: [to, data] };
    const { result } = await anvil.pub.simulateContract(call as never);
    (result as readonly Hex[]).forEach((error, i) => {
      const why = error === '0x00000000' ? 'accepted' : (names.get(error) ?? error);
      const key = `${some[i]![0]}: ${why}`;
      found.set(key, (found.get(key) ?? 0) + 1);
    });
  }
  return found;
}
