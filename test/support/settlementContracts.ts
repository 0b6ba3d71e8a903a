/** The project's own contracts, as they are committed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hex } from 'viem';
import type { Anvil, Artifact } from './anvil.ts';
import { ROOT } from './nodeProcess.ts';

type Linked = Artifact & { readonly links: Readonly<Record<string, string>> };

/** Another folder of artifacts: marked contracts, see scripts/contractCoverage.mjs. */
const FOLDER =
  process.env['FUELRAIL_CONTRACTS'] ?? join(ROOT, 'settlement', 'contracts', 'artifacts');

const artifact = (name: string): Linked =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Linked;

export const SETTLEMENT: Linked = artifact('Settlement');
export const INBOX: Artifact = artifact('Inbox');
const OWN_PROBE = artifact('Probe');
/** With the errors of the libraries, which come through it. */
export const PROBE: Artifact = {
  ...OWN_PROBE,
  abi: [
    ...OWN_PROBE.abi,
    ...['TxJudge', 'Steps', 'Forced']
      .flatMap((name) => artifact(name).abi)
      .filter(({ type }) => type === 'error'),
  ],
};

/** A contract behind its libraries. */
async function deployLinked(
  anvil: Anvil,
  name: string,
  args: readonly unknown[] = [],
): Promise<Hex> {
  let { bytecode } = artifact(name);
  for (const [library, place] of Object.entries(artifact(name).links)) {
    const address = await anvil.deploy(library, artifact(library));
    bytecode = bytecode.replaceAll(place, address.slice(2).toLowerCase()) as Hex;
  }
  return anvil.deploy(name, { abi: artifact(name).abi, bytecode }, args);
}

/** The settlement behind its libraries. */
export const deploySettlement = (anvil: Anvil, args: readonly unknown[]): Promise<Hex> =>
  deployLinked(anvil, 'Settlement', args);

/** The decoder and the trees by themselves. */
export const deployProbe = (anvil: Anvil): Promise<Hex> => deployLinked(anvil, 'Probe');
