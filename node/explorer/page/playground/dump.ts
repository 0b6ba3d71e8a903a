/** Memory as people read it: address, 16 bytes, the same as text. */
const ROW_BYTES = 16;

export function bytesDump(address: number, bytes: Uint8Array): string {
  if (bytes.length === 0) return 'Nothing is there.';
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW_BYTES) {
    const row = [...bytes.subarray(at, at + ROW_BYTES)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0'));
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'));
    const halves = `${hex.slice(0, 8).join(' ')}  ${hex.slice(8).join(' ')}`;
    const place = (address + at).toString(16).padStart(8, '0');
    rows.push(`${place}  ${halves.padEnd(ROW_BYTES * 3)}  ${text.join('')}`);
  }
  return rows.join('\n');
}
