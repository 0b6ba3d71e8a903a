/** A {@link Profile} as a table for people. */
import { panicName } from './panic.ts';
import type { Profile, ProfiledBlock, ProfiledProgram } from './profile.ts';

const COUNT_WIDTH = 10;
const GAS_WIDTH = 12;
const SHARE_WIDTH = 7;

export type ProfileTextOptions = {
  /** Blocks with a smaller share of the gas are summed up in one line. From 0 to 1. */
  readonly shareMin?: number;
};

const SHARE_MIN = 0.005;

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`.padStart(SHARE_WIDTH);
}

function columns(count: number, gas: number, gasShare: number, timeShare: number): string {
  const numbers = String(count).padStart(COUNT_WIDTH) + String(gas).padStart(GAS_WIDTH);
  return numbers + percent(gasShare) + percent(timeShare);
}

const HEAD: string = [
  'runs'.padStart(COUNT_WIDTH),
  'gas'.padStart(GAS_WIDTH),
  'gas %'.padStart(SHARE_WIDTH),
  'time %'.padStart(SHARE_WIDTH),
].join('');

function hexOffset(offset: number): string {
  return `+0x${offset.toString(16).padStart(4, '0')}`;
}

function blockLines(block: ProfiledBlock, allGas: number): string[] {
  const first = block.instructions[0]!;
  const last = block.instructions.at(-1)!;
  const size = block.instructions.length;
  const what = `block ${hexOffset(first.offset)}…${hexOffset(last.offset)}, ${size} instructions`;
  const head = `${columns(block.count, block.gas, block.gas / allGas, block.timeShare)}  ${what}`;
  return [
    head,
    ...block.instructions.map(({ offset, text, count, gas, timeShare }) => {
      const numbers = columns(count, gas, gas / allGas, timeShare);
      return `${numbers}    ${hexOffset(offset)}  ${text}`;
    }),
  ];
}

function programLines(program: ProfiledProgram, allGas: number, shareMin: number): string[] {
  const name = program.contract === null ? 'script' : `contract ${program.contract}`;
  const calls = program.contract === null ? '' : `, ${program.calls} calls`;
  const lines = [
    '',
    `${name}: ${program.codeBytes} bytes${calls}, ${program.instructions} instructions`,
    `${columns(program.instructions, program.gas, program.gas / allGas, program.timeShare)}  all`,
  ];
  const dear = program.blocks.filter((block) => block.gas >= allGas * shareMin);
  for (const block of dear) lines.push(...blockLines(block, allGas));
  const rest = program.blocks.filter((block) => block.gas < allGas * shareMin);
  if (rest.length > 0) {
    const gas = rest.reduce((sum, block) => sum + block.gas, 0);
    const time = rest.reduce((sum, block) => sum + block.timeShare, 0);
    const runs = rest.reduce((sum, block) => sum + block.count, 0);
    lines.push(`${columns(runs, gas, gas / allGas, time)}  ${rest.length} smaller blocks`);
  }
  return lines;
}

/** Several lines, without a line break at the end. */
export function profileText(profile: Profile, options: ProfileTextOptions = {}): string {
  const { result, instructions, gas, programs } = profile;
  const { type } = result.programState;
  const panic = result.receipts.find((receipt) => receipt.type === 'panic');
  const end = panic?.type === 'panic' ? `panic ${panicName(panic.reason)}` : type;
  const lines = [
    `${instructions} instructions, ${gas} gas, ended with ${end}`,
    HEAD,
    ...programs.flatMap((p) => programLines(p, Math.max(1, gas), options.shareMin ?? SHARE_MIN)),
  ];
  return lines.join('\n');
}
