// What every test in a browser needs: Chromium, axe, and a way to say that one of them is not here.
import { existsSync, readFileSync } from 'node:fs';

export function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(77);
}

async function modules() {
  try {
    const { chromium } = await import('playwright-core');
    return { chromium, axe: readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8') };
  } catch {
    return skip('playwright-core or axe-core is missing; run `npm ci` in tests/docs');
  }
}
const { chromium, axe } = await modules();
const path = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'].find((file) => file && existsSync(file));
if (!path) skip('no Chromium found; install the package chromium, or name one in CHROMIUM');

// axe, as a text to be evaluated in a page.
export { axe };

export const launch = (args, timeout) => chromium.launch({ executablePath: path, args: ['--no-sandbox', ...args], timeout });
