/** `fuelrail predicate …`: where coins for a predicate go, and what it costs to spend them. */
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { encodeArguments, methodOf, methodText } from '../../sdk/abi/abi.ts';
import { parseArgument } from '../../sdk/abi/text.ts';
import { createClient } from '../../sdk/client/graphql.ts';
import { estimatePredicate, predicateAddress } from '../../sdk/client/predicates.ts';
import { print } from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';
import { abiOf, asInput, type BytecodeFlags, readBytecode } from './configurables.ts';

type AddressFlags = BytecodeFlags & { readonly json?: boolean };
type EstimateFlags = AddressFlags & { readonly url: string; readonly data?: string };

/** `predicate address` */
export async function showAddress(path: string, flags: AddressFlags): Promise<void> {
  const code = await readBytecode(path, flags);
  const address = predicateAddress(code);
  print(flags, { address, codeBytes: code.length }, address);
}

async function dataOf(
  path: string,
  texts: readonly string[],
  flags: EstimateFlags,
): Promise<Uint8Array> {
  if (flags.data !== undefined) {
    if (texts.length > 0) usage('give either arguments or --data, not both');
    const { data } = flags;
    return asInput(() => hexToBytes(data));
  }
  const abi = await abiOf(path, flags.abi);
  if (abi === null) {
    return texts.length === 0
      ? new Uint8Array(0)
      : usage('arguments need --abi; or give --data <hex>');
  }
  return asInput(() => {
    const main = methodOf(abi, 'main');
    if (texts.length !== main.inputs.length) {
      usage(`${methodText(main)} takes ${main.inputs.length} argument(s), not ${texts.length}`);
    }
    return encodeArguments(
      main,
      main.inputs.map((input, i) => parseArgument(input, texts[i] ?? '')),
    );
  });
}

/** `predicate estimate` */
export async function estimate(
  path: string,
  texts: readonly string[],
  flags: EstimateFlags,
): Promise<void> {
  const code = await readBytecode(path, flags);
  const data = await dataOf(path, texts, flags);
  const gasUsed = await estimatePredicate(createClient(flags), code, data);
  const address = predicateAddress(code);
  print(
    flags,
    { address, gasUsed, data: bytesToHex(data) },
    `${address}\ngas ${gasUsed}\ndata ${bytesToHex(data)}`,
  );
}
