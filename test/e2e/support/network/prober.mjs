// Tries connections from the network namespace it is started in: one JSON question a line in, one JSON answer a line out.
// Plain JavaScript, because it is started often and alone.
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

// A name that the cluster's DNS knows; any other listener sends something back as well.
const LOOKUP =
  '0001010000010000000000000a6b756265726e657465730764656661756c740373766307636c7573746572056c6f63616c0000010001';

// Whoever was held up past the time looks at what the kernel has for it before it gives up.
const after = (timeout, say) => setTimeout(() => setImmediate(() => setImmediate(say)), timeout);

function tcp({ host, port, timeout, localAddress }) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, localAddress });
    const end = (answer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = after(timeout, () => end('silent'));
    socket.on('connect', () => end('open'));
    socket.on('error', ({ code }) => end(code === 'ECONNREFUSED' ? 'refused' : code));
  });
}

// Never the same port twice: to the kernel that would be the old conversation, which goes on under new policies.
let nextPort = 20000;

function udp({ host, port, timeout, localAddress }) {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (answer) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = after(timeout, () => end('silent'));
    socket.on('message', () => end('open'));
    socket.on('error', ({ code }) => end(code === 'ECONNREFUSED' ? 'refused' : code));
    socket.bind(nextPort++, localAddress, () => {
      socket.connect(port, host, () => socket.send(Buffer.from(LOOKUP, 'hex')));
    });
  });
}

for await (const line of createInterface(process.stdin)) {
  const question = JSON.parse(line);
  const began = Date.now();
  void (question.protocol === 'UDP' ? udp : tcp)(question).then((answer) => {
    process.stdout.write(`${JSON.stringify({ id: question.id, answer, began })}\n`);
  });
}
