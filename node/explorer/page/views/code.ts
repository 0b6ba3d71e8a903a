/** Programs as instructions. The table of instructions comes with the VM, so it is loaded late. */

import { bytesOfHex, bytesText, hexBytes } from '../../format.ts';
import { el } from '../dom.ts';
import { copyButton, soft } from '../parts.ts';

/** Longer programs are cut: a page is no disassembler. Unit: instructions. */
const LINES_MAX = 4000;

const assembler = (): Promise<typeof import('../../../../vm/asm.ts')> =>
  import('../../../../vm/asm.ts');

export async function instructionText(word: number): Promise<string> {
  return (await assembler()).formatInstruction(word);
}

/** Address, word, instruction: a line each. */
export async function listing(code: Uint8Array): Promise<string> {
  const { disassemble } = await assembler();
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  const lines = disassemble(code.subarray(0, LINES_MAX * 4)).map((text, i) => {
    const word = view
      .getUint32(i * 4)
      .toString(16)
      .padStart(8, '0');
    return `${(i * 4).toString(16).padStart(5, '0')}  ${word}  ${text}`;
  });
  if (code.length > LINES_MAX * 4)
    lines.push(`… and ${bytesText(code.length - LINES_MAX * 4)} more`);
  return lines.join('\n');
}

/** Program text that is disassembled when somebody opens it. */
export function codeOf(hex: string, what: string): HTMLElement {
  if (hexBytes(hex) === 0) return soft('Empty.');
  const text = el('pre', { class: 'listing', tabindex: 0, 'aria-label': `${what}, disassembled` });
  const details = el(
    'details',
    { class: 'bytes' },
    el('summary', {}, `Disassembly (${bytesText(hexBytes(hex))})`, copyButton(hex, what)),
    text,
  );
  details.addEventListener('toggle', async () => {
    if (details.open && text.textContent === '') text.textContent = await listing(bytesOfHex(hex));
  });
  return details;
}
