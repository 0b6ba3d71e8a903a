/** Commands about signatures: sign, verify. */
import { readFile } from 'node:fs/promises';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { signerOf, signMessage } from '../../sdk/keys/message.ts';
import { parseAddress, parseIndex, print, unlock, type WalletFlags } from './context.ts';
import { usage } from './errors.ts';

type MessageFlags = WalletFlags & { hex?: boolean; file?: boolean };

const SIGNATURE_BYTES = 64;

/** The bytes meant by an argument: a text, `--hex` digits, or the contents of a `--file`. */
async function messageOf(text: string, flags: MessageFlags): Promise<Uint8Array> {
  if (flags.hex && flags.file) usage('give either --hex or --file, not both');
  if (flags.hex) return hexToBytes(text);
  if (!flags.file) return new TextEncoder().encode(text);
  return readFile(text).catch((cause) => {
    throw new CodedError('CLI_FILE', `cannot read ${text}`, {}, cause);
  });
}

/** `wallet sign` */
export async function signText(
  message: string,
  flags: MessageFlags & { account: string },
): Promise<void> {
  const bytes = await messageOf(message, flags);
  const { secret, address } = await unlock(flags, parseIndex(flags.account));
  const signature = bytesToHex(signMessage(secret, bytes));
  print(flags, { address, signature }, signature);
}

/** `wallet verify`: exit code 1 when the signature is somebody else's. */
export async function verifyText(
  signature: string,
  message: string,
  flags: MessageFlags & { address: string },
): Promise<void> {
  const address = parseAddress('--address', flags.address);
  const bytes = hexToBytes(signature);
  if (bytes.length !== SIGNATURE_BYTES) {
    usage(`a signature has ${SIGNATURE_BYTES} bytes, this one ${bytes.length}`);
  }
  const signer = signerOf(bytes, await messageOf(message, flags));
  if (signer !== address) {
    throw new CodedError('SIGNATURE_OTHER', `signed by ${signer ?? 'nobody'}, not by ${address}`);
  }
  print(flags, { address, valid: true }, `signed by ${address}`);
}
