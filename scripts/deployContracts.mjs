// Deploys settlement/contracts to Ethereum; the key comes from FUELRAIL_L1_KEY.
//   node scripts/deployContracts.mjs --ethereum <url> --chain-id <n> --base-asset <0x…> \
//     --operator <0x…> [--bond <ether>] [--window <s>] [--inbox-delay <s>] [--silence <s>] \
//     [--first-height <n>] [--blocks-max <n>] [--forced-gas <n>] [--forced-gas-price <wei>] \
//     --genesis-state <0x…> [--escape <s>] [--transfer-gas <n>]
// The state root that the first block builds on is what GET /state-root/<first height - 1> of a node
// answers.
// Prints one JSON object: settlement, inbox, and the block for --relayer-da-deploy-height.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createPublicClient, createWalletClient, http, isHex, parseEther } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

const DAY_S = 86_400;
const { values } = parseArgs({
  options: {
    ethereum: { type: 'string' },
    'chain-id': { type: 'string' },
    'base-asset': { type: 'string' },
    operator: { type: 'string' },
    bond: { type: 'string', default: '10' },
    window: { type: 'string', default: String(7 * DAY_S) },
    'inbox-delay': { type: 'string', default: String(DAY_S / 2) },
    silence: { type: 'string', default: String(DAY_S) },
    'first-height': { type: 'string', default: '1' },
    'blocks-max': { type: 'string', default: '1000' },
    'forced-gas': { type: 'string', default: '10000000' },
    'forced-gas-price': { type: 'string', default: '1000000000' },
    'genesis-state': { type: 'string' },
    escape: { type: 'string', default: String(14 * DAY_S) },
    'transfer-gas': { type: 'string', default: '1000000' },
  },
});

function fail(message) {
  console.error(message);
  process.exit(2);
}

for (const name of ['ethereum', 'chain-id', 'base-asset', 'operator', 'genesis-state']) {
  if (values[name] === undefined) fail(`--${name} is missing`);
}
const key = process.env.FUELRAIL_L1_KEY;
if (!isHex(key) || key.length !== 66) fail('set FUELRAIL_L1_KEY to a 32-byte secret');

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'settlement', 'contracts');
const read = (name) => JSON.parse(readFileSync(join(folder, 'artifacts', `${name}.json`), 'utf8'));
const transport = http(values.ethereum);
const reader = createPublicClient({ transport });
const account = privateKeyToAccount(key);
const wallet = createWalletClient({ account, transport });
const terms = {
  chainId: BigInt(values['chain-id']),
  baseAsset: values['base-asset'],
  operator: values.operator,
  bond: parseEther(values.bond),
  window: BigInt(values.window),
  inboxDelay: BigInt(values['inbox-delay']),
  silence: BigInt(values.silence),
  firstHeight: Number(values['first-height']),
  blocksMax: Number(values['blocks-max']),
  genesisState: values['genesis-state'],
  escape: BigInt(values.escape),
  transferGas: BigInt(values['transfer-gas']),
};
const args = [terms, BigInt(values['forced-gas']), BigInt(values['forced-gas-price'])];

/** Deploys what it links to first. */
async function deploy(name, args = []) {
  const { abi, bytecode, links } = read(name);
  let code = bytecode;
  for (const [library, place] of Object.entries(links)) {
    const { contractAddress } = await deploy(library);
    code = code.replaceAll(place, contractAddress.slice(2).toLowerCase());
  }
  const hash = await wallet.deployContract({ abi, bytecode: code, args, chain: null });
  const receipt = await reader.waitForTransactionReceipt({ hash });
  if (receipt.status !== 'success') fail(`the deployment of ${name} was reverted: ${hash}`);
  return { abi, ...receipt };
}

const { abi, contractAddress, blockNumber } = await deploy('Settlement', args);
const inbox = await reader.readContract({ address: contractAddress, abi, functionName: 'INBOX' });
// Reading starts behind this block: nothing can have been sent in it.
console.log(
  JSON.stringify({ settlement: contractAddress, inbox, deployHeight: Number(blockNumber) }),
);
