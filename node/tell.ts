/** Lines of the log at the start of a node. */
import { hexToBytes } from '../primitives/bytes.ts';
import { addressOfSecret } from '../primitives/secp256k1.ts';
import type { Address, B256 } from '../primitives/types.ts';
import type { NodeConfig } from './config.ts';
import type { Log } from './log.ts';

function describeTrigger(config: NodeConfig): string {
  const { trigger } = config;
  if (config.da.follow) return `Following the DA layer ${config.da.layer.type}`;
  if (config.consensusKey === null) return 'Block production disabled';
  switch (trigger.type) {
    case 'instant':
      return 'Block production mode: Instant';
    case 'interval':
      return `Block production mode: Interval { block_time: ${trigger.blockTimeMs}ms }`;
    case 'open':
      return `Block production mode: Open { period: ${trigger.periodMs}ms }`;
    case 'never':
      return 'Block production mode: Manual';
  }
}

/** What a node says of itself when it starts. */
export function tell(
  config: NodeConfig,
  log: Log,
  fresh: boolean,
  accounts: readonly { address: Address; secret: B256 }[],
): void {
  for (const account of accounts) {
    log.info(`Funded account: address ${account.address}, secret ${account.secret}`);
  }
  log.info(describeTrigger(config));
  if (config.consensusKey !== null) {
    const signer = addressOfSecret(hexToBytes(config.consensusKey));
    log.info(`Consensus signer is specified and its address is ${signer}`);
  }
  // Who follows makes no blocks.
  if (config.coinbaseRecipient === null && !config.da.follow) {
    log.warn('No coinbase recipient: fees are not paid out');
  }
  log.info(`Fuel Core version v${config.nodeVersion} (fuelrail)`);
  if (config.dbPath !== null) log.info(`State and blobs are kept in ${config.dbPath}`);
  if (fresh) log.info('Genesis block created');
}
