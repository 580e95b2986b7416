// A version of an app whose behaviour is set by its environment: the variables below, each a fault when it is set.
import { createServer } from 'node:http';
import { connect } from 'node:net';

const {
  VERSION = '?',
  ERROR_SHARE = '0',
  LATENCY = '0',
  READY = 'yes',
  CRASH = '',
  ABOVE = '',
  ONLY = '',
  DATABASE,
  PORT,
} = process.env;
if (PORT !== undefined && !/^\d+$/.test(PORT)) {
  console.error(`PORT: found ${JSON.stringify(PORT)}, wanted a number`);
  process.exit(2);
}
if (CRASH !== '') {
  console.error('cannot start');
  process.exit(3);
}

let leaving = false;
/** From a moment on, which whoever tries this chooses, there is nothing but errors: the process of a version that was good. */
let turned = false;
process.on('SIGUSR2', () => (turned = true));
let asked = 0;
let lately = [];
/** All of it above so many requests a second; else exactly the share, spread evenly: chance decides nothing. */
const isBad = () => {
  if (turned) return true;
  asked++;
  const now = Date.now();
  lately = [...lately.filter((at) => now - at < 1000), now];
  if (ABOVE !== '' && lately.length > Number(ABOVE)) return true;
  return Math.floor(asked * Number(ERROR_SHARE)) > Math.floor((asked - 1) * Number(ERROR_SHARE));
};

/** Whether a PostgreSQL answers there: it says in one byte whether it speaks TLS. */
const reached = () =>
  new Promise((resolve) => {
    const [host, port] = DATABASE.split(':');
    const socket = connect({ host, port: Number(port), timeout: 1000 }, () =>
      socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])),
    );
    const ends = (good) => {
      socket.destroy();
      resolve(good);
    };
    socket.once('data', (answer) => ends(/^[NS]/.test(answer.toString('latin1'))));
    socket.once('timeout', () => ends(false)).once('error', () => ends(false));
  });

/** Answers by path and status, there before the first: a counter that begins at 1 is never seen to rise to it. */
const told = new Map(
  ['/health', '/users'].flatMap((path) => [200, 500].map((status) => [`path="${path}",status="${status}"`, 0])),
);
const figures = () => [...told].map(([labels, count]) => `requests_total{${labels}} ${count}\n`).join('');

const server = createServer((request, response) => {
  const answer = (status) => {
    const labels = `path="${request.url}",status="${status}"`;
    if (told.has(labels)) told.set(labels, told.get(labels) + 1);
    // A connection that is kept must not outlive the pod.
    if (leaving) response.setHeader('connection', 'close');
    response.writeHead(status, { 'x-version': VERSION }).end(`${VERSION}\n`);
  };
  if (request.url === '/metrics')
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(figures());
  else if (request.url === '/ready') answer(READY === 'yes' ? 200 : 503);
  else if (request.url === '/health/database') void reached().then((good) => answer(good ? 200 : 503));
  else setTimeout(() => answer((ONLY === '' || ONLY === request.url) && isBad() ? 500 : 200), Number(LATENCY));
}).listen(Number(PORT ?? 8000));

// Closing ends idle connections at once, and whoever sends on one just then is cut off: first everybody is told.
process.on('SIGTERM', () => {
  leaving = true;
  setTimeout(() => server.close(() => process.exit(0)), 2000);
});
