/** Operations on the low 8, 16 or 32 bits of registers, as wasm. See `Emit` in frame.ts. */
import type { Emit, Frame } from './frame.ts';

const WIDTHS: readonly number[] = [8, 16, 32];
const OP = { add: 0, sub: 1, mul: 2, exp: 3, shl: 4, xnor: 5 } as const;
const WORD_BITS = 64;

/** Takes $of from the stack, or leaves when it is not 0. */
function overflow(f: Frame): void {
  if (f.wraps) {
    f.popOverflow();
    return;
  }
  f.e.op('i64Eqz').op('i32Eqz');
  f.leaveIf();
  f.clear();
}

/** Takes two words from the stack: their power to `value`; one that does not fit is 0 with $of = 1. */
function power(f: Frame, value: number, mask: bigint): void {
  const { e } = f;
  f.call('power');
  e.set(f.long64(0)).tee(value).i64Big(mask).op('i64GtU').op('i64ExtendU');
  e.get(f.long64(0)).op('i64Or').tee(f.long64(0));
  overflow(f);
  e.i64(0).get(value).get(f.long64(0)).op('i32WrapI64').op('select').set(value);
}

/** The immediate chooses operation and width. */
export const niop: Emit = (f, a, b, c, imm) => {
  const { e } = f;
  const bits = WIDTHS[imm >> 4];
  const op = imm & 15;
  if (bits === undefined || !Object.values<number>(OP).includes(op)) {
    f.leave();
    return;
  }
  const mask = (1n << BigInt(bits)) - 1n;
  const [x, y, value] = [f.long64(0), f.long64(1), f.long];
  f.push(b).e.i64Big(mask).op('i64And').set(x);
  f.push(c).e.i64Big(mask).op('i64And').set(y);
  e.get(x).get(y);
  if (op === OP.shl) {
    e.op('i64Shl').i64(0).get(y).i64(WORD_BITS).op('i64LtU').op('select').set(value);
  } else if (op === OP.exp) power(f, value, mask);
  else if (op === OP.xnor) e.op('i64Xor').i64(-1).op('i64Xor').set(value);
  else e.op(op === OP.add ? 'i64Add' : op === OP.sub ? 'i64Sub' : 'i64Mul').set(value);
  if (op === OP.sub) {
    e.i64(0).get(x).get(y).op('i64LtU').op('i64ExtendU').op('i64Sub');
    overflow(f);
  } else if (op === OP.add || op === OP.mul) {
    e.get(value).i64(bits).op('i64ShrU');
    overflow(f);
  } else if (op !== OP.exp) f.clear();
  e.get(value).i64Big(mask).op('i64And');
  f.pop(a);
};
