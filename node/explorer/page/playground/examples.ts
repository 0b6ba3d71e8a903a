/** Programs to begin with. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  'Count down': `// Sums 10 + 9 + … + 1 and logs it.
MOVI $16 10        // counter
MOVI $17 0         // sum
loop:
ADD  $17 $17 $16
SUBI $16 $16 1
JNZI $16 loop      // from the start of the program
LOG  $17 $zero $zero $zero
RET  $one
`,
  'Hash a text': `// SHA-256 and Keccak-256 of a text that lies behind the program.
MOVI $16 @text
ADD  $16 $is $16   // its address
MOVI $17 11        // its length
MOVI $18 32
ALOC $18           // 32 bytes of heap, from $hp on
S256 $hp $16 $17
LOGD $zero $zero $hp $18
K256 $hp $16 $17
LOGD $zero $one $hp $18
RET  $one
text: .ascii "hello world"
`,
  'Stack and memory': `// Keeps words on the stack, stores and loads them.
CFEI 24            // three words of stack
SUBI $16 $sp 24
MOVI $17 0xcafe
SW   $16 $17 0
MULI $17 $17 3
SW   $16 $17 1
LW   $18 $16 0
LW   $19 $16 1
ADD  $20 $18 $19
SW   $16 $20 2
MOVI $21 24
LOGD $zero $zero $16 $21
CFSI 24
RET  $20
`,
  'Panic and revert': `// Dividing by zero ends a program, unless $flag allows unsafe maths: then it sets $err.
MOVI $16 1
DIV  $17 $one $zero // panics here
RVRT $one
`,
  '256-bit numbers': `// 256-bit arithmetic: 2^200 + 2^100, in memory.
MOVI $16 64
ALOC $16
MOVI $17 1
SB   $hp $17 6      // byte 6 of 32: 2^200
ADDI $18 $hp 32
MOVI $17 16
SB   $18 $17 19     // 2^100
WQOP $hp $hp $18 32 // add, right side in memory
MOVI $19 32
LOGD $zero $zero $hp $19
RET  $one
`,
};
