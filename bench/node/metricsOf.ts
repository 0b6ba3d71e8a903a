/** The node's own numbers, by name with labels. */
export async function metricsOf(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(new URL('/v1/metrics', url))).text();
  const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    rows.map((line): [string, number] => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}
