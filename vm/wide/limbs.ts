/** Loading, storing and multiplying limbs. */
import { Code } from '../../primitives/wasm/code.ts';
import { I32, I64, type WasmFunction } from '../../primitives/wasm/encode.ts';
import { A, B, clear, functionOf, U, V } from './layout.ts';

/** The byte-swapped 32-bit number in a local. */
function swapped(code: Code, local: number): Code {
  code.get(local).i32(8).op('i32Rotl').i32(0x00ff_00ff).op('i32And');
  return code.get(local).i32(8).op('i32Rotr').i32(-0x00ff_0100).op('i32And').op('i32Or');
}

/** Copies `limbs` words from `from` on to `to`, in reverse order and with reversed bytes. */
function reversing(): Code {
  const code = new Code();
  const [from, limbs, to, word] = [0, 1, 2, 3];
  // `to` starts behind its last word.
  code.get(to).get(limbs).i32(2).op('i32Shl').op('i32Add').set(to);
  code.while(
    () => code.get(limbs),
    () => {
      code.get(to).i32(4).op('i32Sub').tee(to);
      code.get(from).load32(0).set(word);
      swapped(code, word).store32(0);
      code.get(from).i32(4).op('i32Add').set(from);
      code.get(limbs).i32(1).op('i32Sub').set(limbs);
    },
  );
  return code;
}

/** load(from, limbs, to): big-endian integer to limbs. */
export function loadFunction(): WasmFunction {
  return functionOf(3, 0, [I32], reversing());
}

/** store(from, limbs, to): limbs to big-endian integer. */
export function storeFunction(): WasmFunction {
  return functionOf(3, 0, [I32], reversing());
}

/** significant(at, limbs): limbs up to the most significant one that is not 0. */
export function significantFunction(): WasmFunction {
  const code = new Code();
  const [at, limbs] = [0, 1];
  code.while(
    () => {
      code.get(limbs).i32(0).op('i32Ne');
      code.get(at).get(limbs).i32(2).op('i32Shl').op('i32Add').i32(4).op('i32Sub');
      // Behind the first limb nothing is read: with 0 limbs the load is of the word before.
      code.load32(0).op('i32Eqz').op('i32And');
    },
    () => code.get(limbs).i32(1).op('i32Sub').set(limbs),
  );
  code.get(limbs);
  return functionOf(2, 1, [], code);
}

/** multiply(n, m): U = first n limbs of A · first m limbs of B. @returns limbs of U, n + m */
export function multiplyFunction(scratch: number): WasmFunction {
  const code = new Code();
  const [n, m, pa, pb, pu, aEnd, bEnd, row] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [carry, x] = [8, 9];
  clear(code, scratch + U, V - U);
  code
    .i32(scratch + A)
    .tee(pa)
    .get(n)
    .i32(2)
    .op('i32Shl')
    .op('i32Add')
    .set(aEnd);
  code
    .i32(scratch + B)
    .get(m)
    .i32(2)
    .op('i32Shl')
    .op('i32Add')
    .set(bEnd);
  code.i32(scratch + U).set(row);
  code.while(
    () => code.get(pa).get(aEnd).op('i32LtU'),
    () => {
      code.get(pa).load32To64(0).set(x).i64(0n).set(carry);
      code
        .get(row)
        .set(pu)
        .i32(scratch + B)
        .set(pb);
      code.while(
        () => code.get(pb).get(bEnd).op('i32LtU'),
        () => {
          code.get(x).get(pb).load32To64(0).op('i64Mul');
          code.get(pu).load32To64(0).op('i64Add').get(carry).op('i64Add').set(carry);
          code.get(pu).get(carry).store64To32(0);
          code.get(carry).i64(32n).op('i64ShrU').set(carry);
          code.get(pb).i32(4).op('i32Add').set(pb).get(pu).i32(4).op('i32Add').set(pu);
        },
      );
      code.get(pu).get(carry).store64To32(0);
      code.get(pa).i32(4).op('i32Add').set(pa).get(row).i32(4).op('i32Add').set(row);
    },
  );
  code.get(n).get(m).op('i32Add');
  return functionOf(2, 1, [I32, I32, I32, I32, I32, I32, I64, I64], code);
}
