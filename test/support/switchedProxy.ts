/** A TCP proxy that can be switched off: connections are cut and refused, then taken again. */
import { createConnection, createServer, type Socket } from 'node:net';

export type SwitchedProxy = {
  readonly url: string;
  /** Every connection ends at once while it is off. */
  isOn: boolean;
  switchOff(): void;
  close(): Promise<void>;
};

export async function switchedProxy(target: string): Promise<SwitchedProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    if (!proxy.isOn) {
      client.destroy();
      return;
    }
    const upstream = createConnection(Number(port), hostname);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = server.address() as { port: number };
  const proxy: SwitchedProxy = {
    url: `http://127.0.0.1:${own.port}`,
    isOn: true,
    switchOff() {
      proxy.isOn = false;
      for (const socket of open) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        proxy.switchOff();
        server.close(() => resolve());
      }),
  };
  return proxy;
}
