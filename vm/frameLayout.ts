/** A call's frame on the stack, in front of the code. @source fuel-vm 0.66.4, call frame */

/** Contract id, asset id, 64 registers, code size, two arguments. Unit: bytes. */
export const FRAME_BYTES = 600;
/** Offset of the caller's registers, 8 bytes each. Unit: bytes. */
export const FRAME_REGISTERS_AT = 64;
/** Offset of the code size. Unit: bytes. */
export const FRAME_CODE_SIZE = 576;
/** Offset of the first of two arguments. Unit: bytes. */
export const FRAME_PARAM_1 = 584;
