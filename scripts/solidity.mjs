// How the contracts are compiled; used by contracts.mjs and contractCoverage.mjs.
import { createRequire } from 'node:module';

const solc = createRequire(import.meta.url)('solc');

/** What is written to settlement/contracts/artifacts. */
export const DEPLOYED = ['Settlement', 'Inbox', 'TxJudge', 'Steps', 'Forced', 'Probe'];

/** @param sources name → text @returns what solc says, `errors` always there */
export function compile(sources) {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      Object.entries(sources).map(([name, content]) => [name, { content }]),
    ),
    settings: {
      viaIR: true,
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 200 },
      metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: {
        '*': { '*': ['abi', 'evm.bytecode', 'evm.deployedBytecode.object'] },
      },
    },
  };
  return { errors: [], ...JSON.parse(solc.compile(JSON.stringify(input))) };
}

/** Libraries whose addresses have to be put into the code: name → the text that stands for it. */
function linksOf({ object, linkReferences }) {
  const all = Object.values(linkReferences).flatMap((file) => Object.entries(file));
  return Object.fromEntries(
    all.map(([name, [{ start, length }]]) => [name, object.slice(2 * start, 2 * (start + length))]),
  );
}

/** What is kept of a compiled contract. */
export function artifactOf(name, { abi, evm }) {
  const compiler = solc.version().replace(/\.Emscripten.*$/, '');
  const bytecode = `0x${evm.bytecode.object}`;
  return { contract: name, compiler, abi, bytecode, links: linksOf(evm.bytecode) };
}
