/** `fuelrail vm …`: tools for programs. */
import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { WorldContract } from '../../node/profileWorld.ts';
import { hexToBytes, isB256 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { ContractId, SlotKey } from '../../primitives/types.ts';

type ProfileFlags = {
  readonly data?: string;
  readonly gas?: string;
  readonly contract?: string[];
  readonly slots?: string[];
  readonly json?: boolean;
  readonly all?: boolean;
  readonly wat?: boolean;
};

/** Where results go. */
export type Write = (text: string) => void;

const HEX_TEXT = /^\s*(0x)?([0-9a-f]{2})+\s*$/i;

const collect = (text: string, all: string[] = []): string[] => [...all, text];

/** @param write for tests; default: stdout */
export function addVmCommand(
  program: Command,
  write: Write = (text) => void process.stdout.write(text),
): void {
  const vm = program.command('vm').description('tools for programs');
  vm.command('profile')
    .description('where the gas and the time of a script go, by block and by instruction')
    .argument('<program>', 'script transaction or bytecode: a file (binary or hex), or hex')
    .option('--data <hex>', 'script data, for bytecode')
    .option('--gas <amount>', 'gas limit, for bytecode')
    .option('--contract <id=file>', 'a contract that it may call (repeat for more)', collect)
    .option('--slots <id=file>', 'its storage: JSON list of {"key": …, "value": …}', collect)
    .option('--wat', 'instead: the WebAssembly that the engine makes of the program')
    .option('--all', 'every block, however cheap')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      `
Counts and gas are exact; time is measured with a clock around every instruction and says what is
dear in relation to what. Contracts start without balances.

Examples:
  fuelrail vm profile 7240006450451001594100017340000124040000
  fuelrail vm profile out/release/script.bin --data 0x01 --contract 0xabc…=token.bin --json`,
    )
    .action(async (source: string, flags: ProfileFlags) => {
      write(`${await profileCommand(source, flags)}\n`);
    });
}

async function profileCommand(source: string, flags: ProfileFlags): Promise<string> {
  const { profileJson, profileProgram, profileText, profileWat } = await import(
    '../../node/vmProfile.ts'
  );
  if (flags.wat) return profileWat(bytesOf(source));
  const found = profileProgram({
    bytes: bytesOf(source),
    contracts: contractsOf(flags),
    ...(flags.data === undefined ? {} : { data: hexToBytes(flags.data) }),
    ...(flags.gas === undefined ? {} : { gas: gasOf(flags.gas) }),
  });
  if (flags.json) return profileJson(found);
  return profileText(found, flags.all ? { shareMin: 0 } : {});
}

function gasOf(text: string): bigint {
  if (!/^\d{1,19}$/.test(text)) {
    throw new CodedError('CLI_FLAG', `--gas takes a whole number, not ${text}`);
  }
  return BigInt(text);
}

/** A file of bytes, a file of hex, or hex. */
function bytesOf(source: string): Uint8Array {
  if (!existsSync(source)) {
    if (HEX_TEXT.test(source)) return hexToBytes(source.trim());
    throw new CodedError('CLI_FILE', `${source} is neither a file nor hex`);
  }
  const bytes = new Uint8Array(readFileSync(source));
  const text = new TextDecoder('latin1').decode(bytes);
  return HEX_TEXT.test(text) ? hexToBytes(text.trim()) : bytes;
}

/** `0x…=file` as its two parts. */
function assignment(flag: string, text: string): [ContractId, string] {
  const at = text.indexOf('=');
  const id = text.slice(0, at);
  if (at < 0 || !isB256(id)) {
    throw new CodedError('CLI_FLAG', `${flag} takes 0x<contract id>=<file>, not ${text}`);
  }
  return [id, text.slice(at + 1)];
}

function contractsOf({ contract = [], slots = [] }: ProfileFlags): WorldContract[] {
  const storage = new Map(slots.map((text) => assignment('--slots', text)));
  return contract.map((text) => {
    const [id, file] = assignment('--contract', text);
    const slotFile = storage.get(id);
    return {
      id,
      code: bytesOf(file),
      slots: slotFile === undefined ? new Map() : slotsIn(slotFile),
    };
  });
}

type SlotJson = { readonly key: string; readonly value: string };

function slotsIn(file: string): Map<SlotKey, Uint8Array> {
  const list = JSON.parse(readFileSync(file, 'utf8')) as readonly SlotJson[];
  return new Map(
    list.map(({ key, value }) => {
      const id = key.startsWith('0x') ? key : `0x${key}`;
      if (!isB256(id)) throw new CodedError('CLI_FILE', `${file}: ${key} is no slot key`);
      return [id, hexToBytes(value)];
    }),
  );
}
