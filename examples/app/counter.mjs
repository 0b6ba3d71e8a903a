/** The contract: deploying it, and a handle to call it. */
import { readFileSync } from 'node:fs';
import { ContractFactory } from 'fuels';

const read = (name) => readFileSync(new URL(`./contract/${name}`, import.meta.url));
const abi = JSON.parse(read('counter-abi.json'));
const storageSlots = JSON.parse(read('counter-storage_slots.json'));

/** Deploys the counter; `wallet` pays. @returns the contract, as fuels knows it */
export async function deployCounter(wallet) {
  const factory = new ContractFactory(read('counter.bin'), abi, wallet);
  const { waitForResult } = await factory.deploy({ storageSlots });
  return (await waitForResult()).contract;
}
