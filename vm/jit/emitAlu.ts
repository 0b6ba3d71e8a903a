/**
 * Arithmetic, logic, comparison and moves, as wasm. See `Emit` in frame.ts.
 *
 * Every instruction of the family sets $of and $err; in code for $flag 0 they stay zero.
 */
import type { PlainOp } from './emitter.ts';
import type { Emit, Frame } from './frame.ts';

/** Pushes an operand, as often as it is called. */
type Push = () => void;

const HALF_BITS = 32;
const U64_MAX = (1n << 64n) - 1n;

const clearing =
  (emit: Emit): Emit =>
  (f, a, b, c, d, perUnit) => {
    emit(f, a, b, c, d, perUnit);
    f.clear();
  };

const binary = (op: PlainOp): Emit =>
  clearing((f, a, b, c) => {
    f.push(b).push(c).e.op(op);
    f.pop(a);
  });
const withImmediate = (op: PlainOp): Emit =>
  clearing((f, a, b, imm) => {
    f.push(b).e.i64(imm).op(op);
    f.pop(a);
  });
const compare = (op: PlainOp): Emit =>
  clearing((f, a, b, c) => {
    f.push(b).push(c).e.op(op).op('i64ExtendU');
    f.pop(a);
  });

function addition(f: Frame, a: number, b: number, rhs: Push): void {
  f.push(b);
  rhs();
  f.e.op('i64Add').tee(f.long);
  f.push(b).e.op('i64LtU');
  if (f.wraps) {
    f.e.op('i64ExtendU');
    f.popOverflow();
  } else {
    f.leaveIf();
    f.clear();
  }
  f.e.get(f.long);
  f.pop(a);
}

function subtraction(f: Frame, a: number, b: number, rhs: Push): void {
  f.push(b);
  rhs();
  f.e.op('i64LtU');
  if (f.wraps) f.e.op('i64ExtendU').set(f.long);
  else f.leaveIf();
  f.push(b);
  rhs();
  f.e.op('i64Sub');
  f.pop(a);
  if (!f.wraps) f.clear();
  else {
    f.e.i64(0).get(f.long).op('i64Sub');
    f.popOverflow();
  }
}

export const add: Emit = (f, a, b, c) => addition(f, a, b, () => f.push(c));
export const addi: Emit = (f, a, b, imm) => addition(f, a, b, () => f.e.i64(imm));
export const sub: Emit = (f, a, b, c) => subtraction(f, a, b, () => f.push(c));
export const subi: Emit = (f, a, b, imm) => subtraction(f, a, b, () => f.e.i64(imm));

/** Pushes the low half of a local. */
function lowHalf(f: Frame, local: number): void {
  f.e.get(local).op('i32WrapI64').op('i64ExtendU');
}
/** Pushes the high half of a local. */
function highHalf(f: Frame, local: number): void {
  f.e.get(local).i64(HALF_BITS).op('i64ShrU');
}

/** Pushes the high word of a product. */
function highWord(f: Frame, lhs: Push, rhs: Push): void {
  const { e } = f;
  const [x, y, middle, other] = [f.long64(0), f.long64(1), f.long64(2), f.long64(3)];
  lhs();
  e.set(x);
  rhs();
  e.set(y);
  lowHalf(f, x);
  lowHalf(f, y);
  e.op('i64Mul').i64(HALF_BITS).op('i64ShrU');
  highHalf(f, x);
  lowHalf(f, y);
  e.op('i64Mul').op('i64Add').set(middle);
  lowHalf(f, x);
  highHalf(f, y);
  e.op('i64Mul');
  lowHalf(f, middle);
  e.op('i64Add').set(other);
  highHalf(f, x);
  highHalf(f, y);
  e.op('i64Mul');
  highHalf(f, middle);
  e.op('i64Add');
  highHalf(f, other);
  e.op('i64Add');
}

/** The whole product, its high word to $of. */
function wideProduct(f: Frame, a: number, lhs: Push, rhs: Push): void {
  highWord(f, lhs, rhs);
  f.e.set(f.long);
  lhs();
  rhs();
  f.e.op('i64Mul');
  f.pop(a);
  f.e.get(f.long);
  f.popOverflow();
}

/** Two halves never overflow; above, the high word shows whether it did. */
export const mul: Emit = (f, a, b, c) => {
  const { e } = f;
  const [lhs, rhs] = [() => f.push(b), () => f.push(c)];
  if (f.wraps) {
    wideProduct(f, a, lhs, rhs);
    return;
  }
  f.push(b).push(c).e.op('i64Or').i64(HALF_BITS).op('i64ShrU').op('i64Eqz').op('i32Eqz');
  e.if();
  highWord(f, lhs, rhs);
  e.op('i64Eqz').op('i32Eqz');
  f.leaveIf();
  e.end();
  f.push(b).push(c).e.op('i64Mul');
  f.pop(a);
  f.clear();
};
export const muli: Emit = (f, a, b, imm) => {
  if (f.wraps) {
    wideProduct(
      f,
      a,
      () => f.push(b),
      () => f.e.i64(imm),
    );
    return;
  }
  if (imm > 1) {
    f.push(b)
      .e.i64Big(U64_MAX / BigInt(imm))
      .op('i64GtU');
    f.leaveIf();
  }
  f.push(b).e.i64(imm).op('i64Mul');
  f.pop(a);
  f.clear();
};

/**
 * What is undefined when the condition on the stack holds: a result of 0 with $err = 1, or nothing
 * that compiled code does. Else `result` pushes the result.
 */
function orUndefined(f: Frame, a: number, result: () => void): void {
  const { e } = f;
  if (!f.isUnsafe) {
    f.leaveIf();
    result();
    f.pop(a);
    f.clear();
    return;
  }
  e.tee(f.to).if();
  e.i64(0);
  f.pop(a);
  e.else();
  result();
  f.pop(a);
  e.end();
  f.setUndefined(f.to);
}

const quotient =
  (op: PlainOp): Emit =>
  (f, a, b, c) => {
    f.push(c).e.op('i64Eqz');
    orUndefined(f, a, () => f.push(b).push(c).e.op(op));
  };
const quotientImmediate =
  (op: PlainOp): Emit =>
  (f, a, b, imm) => {
    if (imm === 0) f.leave();
    else {
      f.push(b).e.i64(imm).op(op);
      f.pop(a);
      f.clear();
    }
  };

/** 64 bits and more give 0. */
const shift = (op: PlainOp): Emit =>
  clearing((f, a, b, c) => {
    f.push(b).push(c).e.op(op).i64(0);
    f.push(c).e.i64(64).op('i64LtU').op('select');
    f.pop(a);
  });
const shiftImmediate = (op: PlainOp): Emit =>
  clearing((f, a, b, imm) => {
    if (imm > 63) f.e.i64(0);
    else f.push(b).e.i64(imm).op(op);
    f.pop(a);
  });

/** A result and, above it, what goes to $of: not 0 is an overflow. */
function withOverflow(f: Frame, a: number, kernel: 'power' | 'scaled'): void {
  f.call(kernel);
  if (f.wraps) f.popOverflow();
  else {
    f.e.op('i64Eqz').op('i32Eqz');
    f.leaveIf();
    f.clear();
  }
  f.pop(a);
}

export const exp: Emit = (f, a, b, c) => {
  f.push(b).push(c);
  withOverflow(f, a, 'power');
};
export const expi: Emit = (f, a, b, imm) => {
  f.push(b).e.i64(imm);
  withOverflow(f, a, 'power');
};
export const mldv: Emit = (f, a, b, c, d) => {
  f.push(b).push(c).push(d);
  withOverflow(f, a, 'scaled');
};
export const mlog: Emit = (f, a, b, c) => {
  f.push(b).e.op('i64Eqz');
  f.push(c).e.i64(2).op('i64LtU').op('i32Or');
  orUndefined(f, a, () => f.push(b).push(c).call('logarithm'));
};
export const mroo: Emit = (f, a, b, c) => {
  f.push(c).e.op('i64Eqz');
  orUndefined(f, a, () => f.push(b).push(c).call('root'));
};

export const not: Emit = clearing((f, a, b) => {
  f.push(b).e.i64(-1).op('i64Xor');
  f.pop(a);
});
export const move: Emit = clearing((f, a, b) => {
  f.push(b).pop(a);
});
export const movi: Emit = clearing((f, a, imm) => {
  f.e.i64(imm);
  f.pop(a);
});
export const noop: Emit = clearing(() => {});

export const div: Emit = quotient('i64DivU');
export const divi: Emit = quotientImmediate('i64DivU');
export const mod: Emit = quotient('i64RemU');
export const modi: Emit = quotientImmediate('i64RemU');
export const and: Emit = binary('i64And');
export const or: Emit = binary('i64Or');
export const xor: Emit = binary('i64Xor');
export const andi: Emit = withImmediate('i64And');
export const ori: Emit = withImmediate('i64Or');
export const xori: Emit = withImmediate('i64Xor');
export const eq: Emit = compare('i64Eq');
export const lt: Emit = compare('i64LtU');
export const gt: Emit = compare('i64GtU');
export const sll: Emit = shift('i64Shl');
export const slli: Emit = shiftImmediate('i64Shl');
export const srl: Emit = shift('i64ShrU');
export const srli: Emit = shiftImmediate('i64ShrU');
