/** Makes every image of images.json that is not in the cache: minutes of compiling, for a process of its own. */
import { buildImages } from '../infra/sandbox/images/index.ts';

await buildImages();
