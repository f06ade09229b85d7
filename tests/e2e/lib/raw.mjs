// tests/e2e/lib/raw.mjs - bytes on a socket, for what no client would send.
import net from 'node:net';

// Sends the pieces, each when the one before has been written, and gives all that comes back until the other side closes, or until
// `enough` says so.
export function exchange(port, pieces, enough = () => false) {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = net.connect(port, '127.0.0.1');
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end of the answer; so far: ${JSON.stringify(got)}`));
    }, 15_000);
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(got);
    };
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      got += text;
      if (enough(got)) finish();
    });
    socket.on('close', finish);
    socket.on('error', (error) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('connect', async () => {
      for (const piece of [pieces].flat())
        await new Promise((written) => {
          socket.write(piece, 'latin1', () => setImmediate(written));
        });
    });
  });
}

export const statuses = (text) => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((m) => Number(m[1]));
