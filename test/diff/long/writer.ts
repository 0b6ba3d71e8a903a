/** Writes programs with labels; jumps are filled in at the end. */
import { encodeInstruction } from '../../../vm/asm.ts';

/** How a jump states its target in its last argument. */
type Distance = 'absolute' | 'forwards' | 'backwards';
type Patch = {
  readonly at: number;
  readonly name: string;
  readonly args: readonly number[];
  readonly label: number;
  readonly distance: Distance;
};

const ORI_BITS = 12;
const MOVI_BITS = 18;

/** See the head of the file. */
export class ProgramWriter {
  readonly words: number[] = [];
  readonly #targets: number[] = [];
  readonly #patches: Patch[] = [];

  /** Appends an instruction. */
  op(name: string, ...args: readonly number[]): void {
    this.words.push(encodeInstruction(name, args));
  }

  /** A label without a place yet. */
  label(): number {
    return this.#targets.push(-1) - 1;
  }

  /** The label stands for the next instruction. */
  place(label: number): void {
    this.#targets[label] = this.words.length;
  }

  /** A jump whose last argument, or whose constant to be loaded, follows from the label. */
  jump(distance: Distance, label: number, name: string, ...args: readonly number[]): void {
    this.#patches.push({ at: this.words.length, name, args, label, distance });
    this.words.push(0);
  }

  /** Loads a constant: one to eleven instructions. */
  constant(register: number, value: bigint): void {
    let left = 0;
    while (value >> BigInt(left + MOVI_BITS) !== 0n) left += ORI_BITS;
    this.op('MOVI', register, Number(value >> BigInt(left)));
    for (; left > 0; left -= ORI_BITS) {
      this.op('SLLI', register, register, ORI_BITS);
      const part = Number((value >> BigInt(left - ORI_BITS)) & 0xfffn);
      this.op('ORI', register, register, part);
    }
  }

  /** The finished program as hex. @throws when a label was never placed or is too far away */
  hex(): string {
    for (const { at, name, args, label, distance } of this.#patches) {
      const target = this.#targets[label]!;
      if (target < 0) throw new Error(`label ${label} has no place`);
      const last =
        distance === 'absolute'
          ? target
          : distance === 'forwards'
            ? target - at - 1
            : at - target - 1;
      this.words[at] = encodeInstruction(name, [...args, last]);
    }
    this.#patches.length = 0;
    return this.words.map((word) => word.toString(16).padStart(8, '0')).join('');
  }
}
