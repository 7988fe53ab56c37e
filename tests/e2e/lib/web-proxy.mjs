// A proxy that lets the web through and nothing else, as some schools have it: it speaks HTTP, so no media come through it.
import { createServer, request } from 'node:http';
import { connect } from 'node:net';

/** Stands before `server` (without TLS). Gives the origin of its pages, and a function that ends it. */
export async function webProxy(server) {
  const target = { host: '127.0.0.1', port: server.port };
  const sockets = new Set();
  const proxy = createServer((from, to) => {
    const onward = request({ ...target, method: from.method, path: from.url, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode, answer.headers);
      answer.pipe(to);
    });
    onward.on('error', () => to.destroy());
    from.pipe(onward);
  });
  proxy.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // WebSockets are of the web.
  proxy.on('upgrade', (from, socket, head) => {
    const onward = connect(target, () => {
      const headers = from.rawHeaders.map((text, index) => (index % 2 ? `${text}\r\n` : `${text}: `)).join('');
      onward.write(`${from.method} ${from.url} HTTP/1.1\r\n${headers}\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on('error', () => [onward, socket].forEach((one) => one.destroy()));
  });
  await new Promise((resolve) => proxy.listen(0, '0.0.0.0', resolve));
  return {
    origin: `http://localhost:${proxy.address().port}`,
    port: proxy.address().port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => proxy.close(resolve));
    },
  };
}
