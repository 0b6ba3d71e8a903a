/** Fuel's published bridge on anvil: portal, chain state, token gateway, a token; unmodified. */
import { createRequire } from 'node:module';
import { type Hex, pad, parseEther } from 'viem';
import type { Anvil, Artifact } from './anvil.ts';

const require = createRequire(import.meta.url);
const artifact = (path: string): Artifact =>
  require(`@fuel-bridge/solidity-contracts/artifacts/contracts/${path}.json`) as Artifact;

export const CHAIN_STATE: Artifact = artifact('fuelchain/FuelChainState.sol/FuelChainState');
export const PORTAL: Artifact = artifact(
  'fuelchain/FuelMessagePortal/v3/FuelMessagePortalV3.sol/FuelMessagePortalV3',
);
export const GATEWAY: Artifact = artifact(
  'messaging/gateway/FuelERC20Gateway/FuelERC20GatewayV4.sol/FuelERC20GatewayV4',
);
export const TOKEN: Artifact = artifact('test/Token.sol/Token');

export type BridgeTerms = {
  readonly timeToFinalizeS: bigint;
  readonly interval: bigint;
  readonly cooldownS: number;
};
export type FuelBridge = {
  readonly chainState: Hex;
  readonly portal: Hex;
  readonly gateway: Hex;
  readonly token: Hex;
};

/** Wallet 0 is admin and committer. */
export async function deployFuelBridge(anvil: Anvil, terms: BridgeTerms): Promise<FuelBridge> {
  const { timeToFinalizeS, interval, cooldownS } = terms;
  const chainState = await anvil.deployProxied(
    'FuelChainState',
    CHAIN_STATE,
    [timeToFinalizeS, interval, cooldownS],
    ['initialize', []],
  );
  const portal = await anvil.deployProxied(
    'FuelMessagePortalV3',
    PORTAL,
    [parseEther('1000'), 3_600n],
    ['initializerV3', [chainState, parseEther('100')]],
  );
  const gateway = await anvil.deployProxied(
    'FuelERC20GatewayV4',
    GATEWAY,
    [],
    ['initialize', [portal]],
  );
  const token = await anvil.deploy('Token', TOKEN);
  return { chainState, portal, gateway, token };
}

/** An address of Ethereum as this chain writes it. */
export const asB256 = (address: Hex): Hex => pad(address.toLowerCase() as Hex, { size: 32 });
