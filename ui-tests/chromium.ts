import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome'
];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'
];

/** What keeps the system's Chromium quiet, and lets it run as root and without a graphics card. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
];

/** The system's Chromium: what CHROMIUM names, else one on PATH or where installers put it. Playwright's own is never fetched. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string {
  if (env.CHROMIUM) {
    return env.CHROMIUM;
  }
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const found = [
    ...NAMES.flatMap(name => folders.map(folder => join(folder, name))),
    ...ELSEWHERE
  ].find(existsSync);
  if (found === undefined) {
    throw new Error(
      'No Chromium was found: install it (apt-get install chromium) or name it in CHROMIUM.'
    );
  }
  return found;
}
