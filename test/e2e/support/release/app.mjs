// A version of an app whose behaviour is set by its environment: the variables below, each a fault when it is set.
import { createServer } from 'node:http';

const { VERSION = '?', ERROR_SHARE = '0', LATENCY = '0', READY = 'yes', CRASH = '', ABOVE = '' } = process.env;
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

const server = createServer((request, response) => {
  const answer = (status) => {
    // A connection that is kept must not outlive the pod.
    if (leaving) response.setHeader('connection', 'close');
    response.writeHead(status, { 'x-version': VERSION }).end(`${VERSION}\n`);
  };
  if (request.url === '/ready') answer(READY === 'yes' ? 200 : 503);
  else setTimeout(() => answer(isBad() ? 500 : 200), Number(LATENCY));
}).listen(8000);

// Closing ends idle connections at once, and whoever sends on one just then is cut off: first everybody is told.
process.on('SIGTERM', () => {
  leaving = true;
  setTimeout(() => server.close(() => process.exit(0)), 2000);
});
