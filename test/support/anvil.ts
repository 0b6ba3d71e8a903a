/** An Ethereum of one's own: anvil, when its package is there for this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import {
  type Abi,
  type Account,
  type Chain,
  createPublicClient,
  createTestClient,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  type HttpTransport,
  http,
  numberToHex,
  type PublicClient,
  type TestClient,
  type TransactionReceipt,
  type WalletClient,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';

const require = createRequire(import.meta.url);

/** Accounts of anvil's well-known mnemonic. */
export const ANVIL_KEYS: readonly Hex[] = [
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
];

/** Gas of a block: calls that read much go through. */
const GAS_LIMIT = 10_000_000_000;

/** More than any call here needs. */
const TX_GAS = 15_000_000n;

/** null: there is no binary for this machine. */
export function anvilPath(): string | null {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const os = process.platform === 'win32' ? 'win32' : process.platform;
  try {
    const found = require.resolve(`@foundry-rs/anvil-${os}-${arch}/package.json`);
    const path = join(dirname(found), 'bin', os === 'win32' ? 'anvil.exe' : 'anvil');
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** File for what traces have shown of marked contracts, see scripts/contractCoverage.mjs. */
const SEEN = process.env['FUELRAIL_CONTRACTS_SEEN'];
const MARK = /"to":"0xc0de([0-9a-f]{36})"/g;

export type Artifact = { readonly abi: Abi; readonly bytecode: Hex };
type Wallet = WalletClient<HttpTransport, Chain, Account>;

export class Anvil {
  readonly url: string;
  readonly pub: PublicClient;
  readonly test: TestClient;
  /** One per key, the first deploys. */
  readonly wallets: readonly Wallet[];
  /** Gas of everything that was sent with a label. */
  readonly gas: Map<string, bigint> = new Map();
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.url = `http://127.0.0.1:${port}`;
    const transport = http(this.url, { timeout: 60_000 });
    const chain = { ...foundry, rpcUrls: { default: { http: [this.url] } } };
    this.pub = createPublicClient({ chain, transport, pollingInterval: 20 }) as PublicClient;
    this.test = createTestClient({ chain, transport, mode: 'anvil' }) as TestClient;
    this.wallets = ANVIL_KEYS.map((key) =>
      createWalletClient({ account: privateKeyToAccount(key), chain, transport }),
    );
  }

  /** Blocks on demand; a block is final twice `epochSlots` blocks behind the newest one. */
  static async start(epochSlots: number = 1): Promise<Anvil> {
    const path = anvilPath();
    if (path === null) throw new Error('there is no anvil for this machine');
    const port = await freePort();
    const args = ['--host', '127.0.0.1', '--port', String(port), '--silent'];
    // Marked contracts are larger than Ethereum allows.
    const size = SEEN === undefined ? [] : ['--disable-code-size-limit'];
    const more = [
      ...size,
      '--slots-in-an-epoch',
      String(epochSlots),
      '--gas-limit',
      String(GAS_LIMIT),
    ];
    const child = spawn(path, [...args, ...more], { stdio: 'ignore' });
    const anvil = new Anvil(child, port);
    for (let tries = 0; ; tries++) {
      try {
        await anvil.pub.getBlockNumber();
        return anvil;
      } catch (error) {
        if (tries === 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }

  private async mined(label: string, hash: Hex): Promise<TransactionReceipt> {
    const receipt = await this.seen(hash);
    this.gas.set(label, receipt.gasUsed);
    if (receipt.status !== 'success') {
      throw new Error(`${label} was reverted after ${receipt.gasUsed} gas`);
    }
    return receipt;
  }

  /** Whether a call that carries blobs would go through; nothing is sent. */
  async takesBlobs(call: object, blobVersionedHashes: readonly Hex[]): Promise<boolean> {
    const whole = { ...call, blobVersionedHashes, maxFeePerBlobGas: '0xffffff' };
    await this.trace('debug_traceCall', [whole, 'latest']);
    const params = [whole, 'latest'];
    return this.pub.request({ method: 'eth_call', params } as never).then(
      () => true,
      () => false,
    );
  }

  /** The receipt of what was sent in another way. */
  async seen(hash: Hex): Promise<TransactionReceipt> {
    const receipt = await this.pub.waitForTransactionReceipt({ hash });
    await this.trace('debug_traceTransaction', [hash]);
    return receipt;
  }

  /** Notes which marks of marked contracts were passed. */
  private async trace(method: string, params: readonly unknown[]): Promise<void> {
    if (SEEN === undefined) return;
    const all = [...params, { tracer: 'callTracer' }];
    const trace = await this.pub.request({ method, params: all } as never);
    const ids = new Set<string>();
    for (const [, id] of JSON.stringify(trace).matchAll(MARK)) ids.add(`${BigInt(`0x${id}`)}\n`);
    appendFileSync(SEEN, [...ids].join(''));
  }

  async deploy(
    label: string,
    { abi, bytecode }: Artifact,
    args: readonly unknown[] = [],
  ): Promise<Hex> {
    // No estimate: a constructor that refuses is to be seen in a trace.
    const call = { abi, bytecode, args, gas: TX_GAS };
    const hash = await this.wallets[0]!.deployContract(call as never);
    return (await this.mined(`deploy ${label}`, hash)).contractAddress!;
  }

  /** Implementation and proxy, initialised. */
  async deployProxied(
    label: string,
    artifact: Artifact,
    args: readonly unknown[],
    init: readonly [name: string, args: readonly unknown[]],
  ): Promise<Hex> {
    const implementation = await this.deploy(label, artifact, args);
    const proxy = require('@openzeppelin/contracts/build/contracts/ERC1967Proxy.json') as Artifact;
    const [functionName, initArgs] = init;
    const data = encodeFunctionData({ abi: artifact.abi, functionName, args: initArgs });
    return this.deploy(`${label} proxy`, proxy, [implementation, data]);
  }

  async send(
    label: string,
    from: number,
    address: Hex,
    { abi }: Pick<Artifact, 'abi'>,
    functionName: string,
    args: readonly unknown[],
    value: bigint = 0n,
  ): Promise<TransactionReceipt> {
    const wallet = this.wallets[from]!;
    // No estimate: the time may have gone on when the transaction is mined, and with it its gas.
    const call = { address, abi, functionName, args, value, gas: TX_GAS };
    const hash = await wallet.writeContract(call as never);
    return this.mined(label, hash);
  }

  async read<T>(
    address: Hex,
    { abi }: Pick<Artifact, 'abi'>,
    functionName: string,
    args: readonly unknown[] = [],
  ): Promise<T> {
    if (SEEN !== undefined) {
      const data = encodeFunctionData({ abi, functionName, args });
      await this.trace('debug_traceCall', [{ to: address, data }, 'latest']);
    }
    return (await this.pub.readContract({ address, abi, functionName, args })) as T;
  }

  /** Name of the error with which the call would be refused; null: it would go through. */
  async refusal(
    from: number,
    address: Hex,
    { abi }: Pick<Artifact, 'abi'>,
    functionName: string,
    args: readonly unknown[],
    value: bigint = 0n,
  ): Promise<string | null> {
    const { account } = this.wallets[from]!;
    if (SEEN !== undefined) {
      const data = encodeFunctionData({ abi, functionName, args });
      const call = { from: account.address, to: address, data, value: numberToHex(value) };
      await this.trace('debug_traceCall', [call, 'latest']);
    }
    try {
      await this.pub.simulateContract({
        account,
        address,
        abi,
        functionName,
        args,
        value,
      } as never);
      return null;
    } catch (error) {
      const { cause, shortMessage } = error as {
        cause?: { data?: { errorName?: string; args?: unknown[] }; reason?: string };
        shortMessage?: string;
      };
      const name = cause?.data?.errorName;
      if (name === 'Error' || name === undefined)
        return cause?.reason ?? shortMessage ?? String(error);
      return name;
    }
  }

  /** Goes on in time, and makes everything so far final. */
  async pass(seconds: number): Promise<void> {
    await this.test.increaseTime({ seconds });
    await this.test.mine({ blocks: 4 });
  }
}
