/**
 * Division of limbs.
 *
 * @source Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D
 */
import { Code } from '../../primitives/wasm/code.ts';
import { I32, I64, type ValueType, type WasmFunction } from '../../primitives/wasm/encode.ts';
import { B, clear, functionOf, type Locals, Q, U, V, WIDE_OPERANDS } from './layout.ts';

/** divideShort(n): by one limb. Locals of `divide`. */
function divideShort(
  code: Code,
  scratch: number,
  n: number,
  at: number,
  x: number,
  y: number,
): void {
  code
    .i32(scratch + B)
    .load32To64(0)
    .set(x)
    .i64(0n)
    .set(y);
  code.get(n).i32(2).op('i32Shl').set(at);
  code.while(
    () => code.get(at),
    () => {
      code.get(at).i32(4).op('i32Sub').set(at);
      // y: the rest so far and the next limb
      code
        .get(y)
        .i64(32n)
        .op('i64Shl')
        .get(at)
        .load32To64(scratch + U)
        .op('i64Or')
        .set(y);
      code
        .get(at)
        .get(y)
        .get(x)
        .op('i64DivU')
        .store64To32(scratch + Q);
      code.get(y);
      code
        .get(at)
        .load32To64(scratch + Q)
        .get(x)
        .op('i64Mul')
        .op('i64Sub')
        .set(y);
      code
        .get(at)
        .i64(0n)
        .store64To32(scratch + U);
    },
  );
  code
    .i32(scratch + U)
    .get(y)
    .store64To32(0);
}

/** Shifts `count` limbs at `from` left by `shift` bits into `to`, and one limb more. */
function shiftLeft(
  code: Code,
  from: number,
  to: number,
  count: number,
  [at, shift, carry]: readonly [number, number, number],
): void {
  code.i64(0n).set(carry).i32(0).set(at);
  code.while(
    () => code.get(at).get(count).i32(2).op('i32Shl').op('i32LtU'),
    () => {
      code.get(at).load32To64(from).get(shift).op('i64ExtendU').op('i64Shl');
      code.get(carry).op('i64Or').set(carry);
      code.get(at).get(carry).store64To32(to);
      code.get(carry).i64(32n).op('i64ShrU').set(carry);
      code.get(at).i32(4).op('i32Add').set(at);
    },
  );
  code.get(at).get(carry).store64To32(to);
}

/** Limbs of 256 bits. */
const Q_LIMBS = 8;
/** Locals of a divisor with all limbs, behind those of `divide`. */
const DIVISOR = 14;

/** divide(n, m): U (n limbs) by B (m limbs, the last one not 0): quotient in Q, rest in U. */
export function divideFunction(scratch: number): WasmFunction {
  const code = new Code();
  const [n, m, at, shift, j, end] = [0, 1, 2, 3, 4, 5];
  const [x, y, top, next, estimate, rest, carry, borrow] = [6, 7, 8, 9, 10, 11, 12, 13];
  clear(code, scratch + Q, WIDE_OPERANDS - Q);
  code
    .get(n)
    .get(m)
    .op('i32LtU')
    .if(() => code.op('return'));
  code
    .get(m)
    .i32(1)
    .op('i32Eq')
    .if(() => {
      divideShort(code, scratch, n, at, x, y);
      code.op('return');
    });
  code.get(m).i32(2).op('i32Shl').set(end);
  code
    .get(end)
    .load32(scratch + B - 4)
    .op('i32Clz')
    .set(shift);
  shiftLeft(code, scratch + B, scratch + V, m, [at, shift, carry]);
  shiftLeft(code, scratch + U, scratch + U, n, [at, shift, carry]);
  code
    .get(end)
    .load32To64(scratch + V - 4)
    .set(top);
  code
    .get(end)
    .load32To64(scratch + V - 8)
    .set(next);
  // j: offset of the limb of the quotient, and one limb more
  code.get(n).get(m).op('i32Sub').i32(1).op('i32Add').i32(2).op('i32Shl').set(j);
  const digit = (subtract: () => void): void => {
    code.get(j).i32(4).op('i32Sub').set(j);
    estimateLimb(code, scratch, { j, end, top, next, estimate, rest, x });
    subtract();
    code.get(borrow).op('i64Eqz').op('i32Eqz');
    code.if(() => addBack(code, scratch, { at, j, end, estimate, carry }));
    code
      .get(j)
      .get(estimate)
      .store64To32(scratch + Q);
  };
  const digits = (subtract: () => void): void => {
    code.while(
      () => code.get(j),
      () => digit(subtract),
    );
  };
  code.block(() => {
    code.get(m).i32(Q_LIMBS).op('i32Ne').brIf(0);
    for (let i = 0; i < Q_LIMBS; i++) {
      code
        .i32(scratch + V)
        .load32To64(4 * i)
        .set(DIVISOR + i);
    }
    digits(() => subtractFull(code, scratch, { j, estimate, carry, borrow, x }));
  });
  // None are left of a divisor with all limbs.
  digits(() => subtractProduct(code, scratch, { at, j, end, estimate, carry, borrow, x }));
  shiftRight(code, scratch, { at, end, shift, x });
  return functionOf(
    2,
    0,
    [I32, I32, I32, I32, ...new Array<ValueType>(8 + Q_LIMBS).fill(I64)],
    code,
  );
}

/** As `subtractProduct` where the divisor has eight limbs: unrolled, the divisor in locals. */
function subtractFull(code: Code, scratch: number, l: Locals): void {
  const [x, carry, borrow] = [l['x']!, l['carry']!, l['borrow']!];
  code.i64(0n).set(carry).i64(0n).set(borrow);
  for (let i = 0; i <= Q_LIMBS; i++) {
    const offset = scratch + U + 4 * i;
    if (i < Q_LIMBS) {
      code
        .get(l['estimate']!)
        .get(DIVISOR + i)
        .op('i64Mul')
        .get(carry)
        .op('i64Add')
        .tee(x);
      code.i64(32n).op('i64ShrU').set(carry);
    } else code.get(carry).set(x);
    code.get(l['j']!).get(l['j']!).load32To64(offset);
    code.get(x).i64(0xffff_ffffn).op('i64And').op('i64Sub');
    code.get(borrow).op('i64Sub').tee(borrow).store64To32(offset);
    code.get(borrow).i64(63n).op('i64ShrU').set(borrow);
  }
}

/** A limb of the quotient, too high by one at most. */
function estimateLimb(code: Code, scratch: number, l: Locals): void {
  const at = (offset: number): Code =>
    code
      .get(l['j']!)
      .get(l['end']!)
      .op('i32Add')
      .load32To64(scratch + U + offset);
  at(0).i64(32n).op('i64Shl');
  at(-4).op('i64Or').set(l['x']!);
  code.get(l['x']!).get(l['top']!).op('i64DivU').set(l['estimate']!);
  // The rest by a product: divisions are by far the slowest step.
  code.get(l['x']!).get(l['estimate']!).get(l['top']!).op('i64Mul').op('i64Sub').set(l['rest']!);
  code.block(() => {
    code.loop(() => {
      // While it is more than a limb, or the next limbs say that it is too high …
      code
        .get(l['estimate']!)
        .i64(1n << 32n)
        .op('i64GeU');
      code.get(l['estimate']!).get(l['next']!).op('i64Mul');
      code.get(l['rest']!).i64(32n).op('i64Shl');
      at(-8).op('i64Or').op('i64GtU').op('i32Or').op('i32Eqz').brIf(1);
      code.get(l['estimate']!).i64(1n).op('i64Sub').set(l['estimate']!);
      code.get(l['rest']!).get(l['top']!).op('i64Add').tee(l['rest']!);
      // … and as long as the rest is a limb.
      code
        .i64(1n << 32n)
        .op('i64LtU')
        .brIf(0);
    });
  });
}

/** U − estimate · V at limb j; what is left to borrow is in `borrow`. */
function subtractProduct(code: Code, scratch: number, l: Locals): void {
  const [at, x, carry, borrow] = [l['at']!, l['x']!, l['carry']!, l['borrow']!];
  const place = (): Code => code.get(at).get(l['j']!).op('i32Add');
  const subtract = (): void => {
    place();
    place()
      .load32To64(scratch + U)
      .get(x)
      .i64(0xffff_ffffn)
      .op('i64And')
      .op('i64Sub');
    code
      .get(borrow)
      .op('i64Sub')
      .tee(borrow)
      .store64To32(scratch + U);
    code.get(borrow).i64(63n).op('i64ShrU').set(borrow);
  };
  code.i32(0).set(at).i64(0n).set(carry).i64(0n).set(borrow);
  code.while(
    () => code.get(at).get(l['end']!).op('i32LtU'),
    () => {
      code
        .get(l['estimate']!)
        .get(at)
        .load32To64(scratch + V)
        .op('i64Mul');
      code.get(carry).op('i64Add').set(x);
      code.get(x).i64(32n).op('i64ShrU').set(carry);
      subtract();
      code.get(at).i32(4).op('i32Add').set(at);
    },
  );
  code.get(carry).set(x);
  subtract();
}

/** The estimate was too high by one. */
function addBack(code: Code, scratch: number, l: Locals): void {
  const [at, carry] = [l['at']!, l['carry']!];
  const place = (): Code => code.get(at).get(l['j']!).op('i32Add');
  code.get(l['estimate']!).i64(1n).op('i64Sub').set(l['estimate']!);
  code.i32(0).set(at).i64(0n).set(carry);
  code.while(
    () => code.get(at).get(l['end']!).op('i32LtU'),
    () => {
      place()
        .load32To64(scratch + U)
        .get(at)
        .load32To64(scratch + V)
        .op('i64Add');
      code.get(carry).op('i64Add').set(carry);
      place()
        .get(carry)
        .store64To32(scratch + U);
      code.get(carry).i64(32n).op('i64ShrU').set(carry);
      code.get(at).i32(4).op('i32Add').set(at);
    },
  );
  place();
  place()
    .load32To64(scratch + U)
    .get(carry)
    .op('i64Add')
    .store64To32(scratch + U);
}

/** The rest: the first m limbs of U, shifted back. */
function shiftRight(code: Code, scratch: number, l: Locals): void {
  const [at, x] = [l['at']!, l['x']!];
  code.i32(0).set(at);
  code.while(
    () => code.get(at).get(l['end']!).op('i32LtU'),
    () => {
      code
        .get(at)
        .load64(scratch + U)
        .get(l['shift']!)
        .op('i64ExtendU')
        .op('i64ShrU')
        .set(x);
      code
        .get(at)
        .get(x)
        .store64To32(scratch + U);
      code.get(at).i32(4).op('i32Add').set(at);
    },
  );
}
