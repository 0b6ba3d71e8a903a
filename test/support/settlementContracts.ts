/** The project's own contracts, as they are committed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hex } from 'viem';
import type { Anvil, Artifact } from './anvil.ts';
import { ROOT } from './nodeProcess.ts';

type Linked = Artifact & { readonly links: Readonly<Record<string, string>> };

const artifact = (name: string): Linked =>
  JSON.parse(
    readFileSync(join(ROOT, 'settlement', 'contracts', 'artifacts', `${name}.json`), 'utf8'),
  ) as Linked;

export const SETTLEMENT: Linked = artifact('Settlement');
export const INBOX: Artifact = artifact('Inbox');
export const PROBE: Artifact = artifact('Probe');

/** The settlement behind its libraries. */
export async function deploySettlement(anvil: Anvil, args: readonly unknown[]): Promise<Hex> {
  let { bytecode } = SETTLEMENT;
  for (const [name, place] of Object.entries(SETTLEMENT.links)) {
    const address = await anvil.deploy(name, artifact(name));
    bytecode = bytecode.replaceAll(place, address.slice(2).toLowerCase()) as Hex;
  }
  return anvil.deploy('Settlement', { abi: SETTLEMENT.abi, bytecode }, args);
}
