// The system's Chromium: tests bring none of their own.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Trouble } from './trouble.mjs';

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

/** What CHROMIUM names, else one on PATH or where installers put it. */
export function findChromium(env = process.env) {
  if (env.CHROMIUM) {
    return env.CHROMIUM;
  }
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const found = [
    ...NAMES.flatMap(name => folders.map(folder => join(folder, name))),
    ...ELSEWHERE
  ].find(path => existsSync(path));
  if (found === undefined) {
    throw new Trouble(
      'The browser tests need Chromium, and none was found on PATH.',
      'sudo apt-get install chromium   (or CHROMIUM=/path/to/chrome npm test)'
    );
  }
  return found;
}
