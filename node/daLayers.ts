/** Opening of DA layers by their settings; what a layer needs is loaded only for it. */
import { openLocalDa } from '../da/local.ts';
import type { DataAvailability } from '../da/ports.ts';
import { jsonRpc } from '../da/rpc.ts';
import { hexToBytes } from '../primitives/bytes.ts';
import { addressOfSecret } from '../primitives/secp256k1.ts';
import type { Address } from '../primitives/types.ts';
import type { ConsensusConfig } from '../state/chainConfig.ts';
import type { DaLayerSettings, DaSettings } from './daSettings.ts';
import { DEV_CONSENSUS_KEY } from './defaults.ts';
import { daPath } from './paths.ts';

/** How often the fate of a blob transaction is asked for. */
const ETHEREUM_POLL_MS = 2_000;

export type DaPlace = {
  readonly dbPath: string | null;
  readonly chainId: bigint;
  /** For posting, or for reading what another process posts. */
  readonly use: 'post' | 'read';
};

/** null: there is nothing to open. @throws CodedError DA_UNAVAILABLE, DA_CORRUPT */
export async function openDaLayer(
  layer: DaLayerSettings,
  place: DaPlace,
): Promise<DataAvailability | null> {
  const { dbPath, use, chainId } = place;
  switch (layer.type) {
    case 'none':
      return null;
    case 'local': {
      const directory = layer.directory ?? (dbPath === null ? null : daPath(dbPath));
      // A chain in memory has nobody who could read its blobs.
      if (directory === null) return null;
      return await openLocalDa({ directory, isReadOnly: use === 'read' });
    }
    case 'celestia':
      return await openCelestia(layer, place);
    case 'ethereum': {
      const { openEthereumDa } = await import('../da/ethereum/open.ts');
      const secret = use === 'post' ? layer.secret : null;
      return await openEthereumDa({
        ...layer,
        secret,
        chainId,
        pollMs: ETHEREUM_POLL_MS,
        nowMs: Date.now,
      });
    }
  }
}

async function openCelestia(
  layer: Extract<DaLayerSettings, { type: 'celestia' }>,
  { chainId, use }: DaPlace,
): Promise<DataAvailability> {
  const [{ celestiaDa }, { celestiaPayer }, { chainNamespace }] = await Promise.all([
    import('../da/celestia/layer.ts'),
    import('../da/celestia/payForBlobs.ts'),
    import('../da/celestia/shares.ts'),
  ]);
  const { url, token, gasPrice, direct } = layer;
  const namespace = chainNamespace(chainId, layer.namespace);
  const rpc = jsonRpc({ url, token, layer: 'celestia' });
  if (direct === null || use === 'read') {
    return celestiaDa(rpc, { namespace, gasPrice, payer: null });
  }
  const consensus = jsonRpc({ url: direct.consensusUrl, token: null, layer: 'celestia' });
  const payer = celestiaPayer(consensus, { namespace, secret: direct.secret, gasPrice });
  return celestiaDa(rpc, { namespace, gasPrice, payer });
}

/** Who may sign the chain's blobs: its block signers, or those who were named. */
export function daAuthorities(
  settings: DaSettings,
  consensus: ConsensusConfig,
  options: { readonly debug: boolean; readonly own: Address | null },
): ReadonlySet<Address> {
  if (settings.authorities !== null) return new Set(settings.authorities);
  const named =
    consensus.type === 'poa'
      ? [consensus.signingKey]
      : [consensus.genesisSigningKey, ...consensus.signingKeyOverrides.values()];
  // Development nodes sign with a key that their chain configuration does not name.
  const dev = options.debug ? [addressOfSecret(hexToBytes(DEV_CONSENSUS_KEY))] : [];
  return new Set([...named, ...dev, ...(options.own === null ? [] : [options.own])]);
}
