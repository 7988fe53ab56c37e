// A web server of the platform: stores the requests, and shows one page at every address.
import { createServer } from 'node:http';

import { until } from './process.mjs';

export class Listener {
  requests = [];

  static async start() {
    const listener = new Listener();
    listener.server = createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        if (url !== '/favicon.ico') listener.requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
        response.end('<!DOCTYPE html><html lang="en"><title>Course</title><h1>Back in the course</h1>');
      });
    });
    await new Promise((resolve) => listener.server.listen(0, '127.0.0.1', resolve));
    listener.origin = `http://127.0.0.1:${listener.server.address().port}`;
    return listener;
  }

  /** The first request to this path (and what follows it), come or still to come. */
  received(path, ms = 30_000) {
    return until(`a request to ${path}`, () => this.requests.find((one) => one.url.startsWith(path)), ms);
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
