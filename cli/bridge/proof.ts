/** What `fuelrail proof …` does: proofs about the state, checked here. */
import type { ProofSubject, StateProof } from '../../node/stateTree/proofs.ts';
import type { UtxoKey } from '../../primitives/types.ts';
import { parseB256, parseU64 } from '../flagValue.ts';
import { print } from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';

export type ProofFlags = {
  readonly url: string;
  readonly json?: boolean;
  readonly height?: string;
};
export type ContractProofFlags = ProofFlags & {
  readonly slot?: string;
  readonly asset?: string;
  readonly code?: boolean;
};

const NAMES: Readonly<Record<ProofSubject['type'], string>> = {
  coin: 'the coin',
  message: 'the message',
  contract: 'the contract',
  code: "the contract's code",
  slot: 'the slot',
  asset: 'a balance of the asset',
};

function textOf({ subject, height, roots, value, siblings }: StateProof): string {
  const what = `${NAMES[subject.type]} is ${value === null ? 'not ' : ''}in the state`;
  return [
    `${what} behind block ${height}`,
    ...(value === null ? [] : [`value       ${value}`]),
    `state root  ${roots.stateRoot}`,
    `block id    ${roots.blockId}`,
    `checked here over ${siblings.length} levels of the tree`,
  ].join('\n');
}

async function show(subject: ProofSubject, flags: ProofFlags): Promise<void> {
  const height = flags.height === undefined ? null : Number(parseU64('height', flags.height));
  const { fetchProof } = await import('../../node/stateTree/check.ts');
  const proof = await fetchProof(flags.url, subject, height);
  print(flags, proof, textOf(proof));
}

/** `proof coin` */
export async function proveCoin(text: string, flags: ProofFlags): Promise<void> {
  const utxo = text.toLowerCase();
  if (!/^0x[0-9a-f]{68}$/.test(utxo)) {
    usage('a coin is named by its UTXO id: 0x, 64 hex digits of the transaction, 4 of the output');
  }
  await show({ type: 'coin', utxo: utxo as UtxoKey }, flags);
}

/** `proof message` */
export async function proveMessage(nonce: string, flags: ProofFlags): Promise<void> {
  await show({ type: 'message', nonce: parseB256('nonce', nonce) }, flags);
}

/** `proof contract` */
export async function proveContract(id: string, flags: ContractProofFlags): Promise<void> {
  const contract = parseB256('contract', id);
  const asked = [flags.slot, flags.asset, flags.code].filter((each) => each !== undefined);
  if (asked.length > 1) usage('choose one of --slot, --asset and --code');
  if (flags.slot !== undefined) {
    await show({ type: 'slot', contract, name: parseB256('slot', flags.slot) }, flags);
  } else if (flags.asset !== undefined) {
    await show({ type: 'asset', contract, name: parseB256('asset', flags.asset) }, flags);
  } else await show({ type: flags.code === true ? 'code' : 'contract', contract }, flags);
}
