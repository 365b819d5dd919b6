import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** The connections of a server. */
export interface Connections {
  /** Closes those without a request, now and from here on as their requests end. Node's own closes none that had no request yet. */
  closeUnused(): void;
}

/** Counts the requests on each connection of a server. */
export function trackConnections(server: Server): Connections {
  const running = new Map<Socket, number>();
  let isClosing = false;
  const count = (socket: Socket, requests: number): void => {
    const before = running.get(socket);
    // one that is gone
    if (before === undefined) return;
    running.set(socket, before + requests);
    if (isClosing && before + requests === 0) socket.destroySoon();
  };
  server.on('connection', (socket) => {
    running.set(socket, 0);
    socket.on('close', () => running.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    count(socket, 1);
    response.on('close', () => count(socket, -1));
  });
  return {
    closeUnused() {
      isClosing = true;
      for (const socket of running.keys()) count(socket, 0);
    },
  };
}
