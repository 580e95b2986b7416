// A version of an app whose behaviour is set by its environment: the variables below, each a fault when it is set.
import { createServer } from 'node:http';

const {
  VERSION = '?',
  ERROR_SHARE = '0',
  LATENCY = '0',
  READY = 'yes',
  CRASH = '',
  ABOVE = '',
  ONLY = '',
} = process.env;
if (CRASH !== '') {
  console.error('cannot start');
  process.exit(3);
}

let leaving = false;
let asked = 0;
let lately = [];
/** All of it above so many requests a second; else exactly the share, spread evenly: chance decides nothing. */
const isBad = () => {
  asked++;
  const now = Date.now();
  lately = [...lately.filter((at) => now - at < 1000), now];
  if (ABOVE !== '' && lately.length > Number(ABOVE)) return true;
  return Math.floor(asked * Number(ERROR_SHARE)) > Math.floor((asked - 1) * Number(ERROR_SHARE));
};

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
  else setTimeout(() => answer((ONLY === '' || ONLY === request.url) && isBad() ? 500 : 200), Number(LATENCY));
}).listen(8000);

// Closing ends idle connections at once, and whoever sends on one just then is cut off: first everybody is told.
process.on('SIGTERM', () => {
  leaving = true;
  setTimeout(() => server.close(() => process.exit(0)), 2000);
});
