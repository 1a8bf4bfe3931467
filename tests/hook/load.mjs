// Loads the files of the MAIN world that need no page into this process, and hands over their parts.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { js } = require('../../manifest.json').content_scripts.find((script) => script.world === 'MAIN');
const needPage = ['recorder', 'patches', 'shaping', 'peers', 'pace', 'python', 'hook', 'start'];
for (const file of js) if (!needPage.some((name) => file === `extension/${name}.js`)) require(`../../${file}`);
const PARTS = Symbol.for('rollscope.parts');
export const parts = globalThis[PARTS];
delete globalThis[PARTS];

export const PAGE_ID = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
export const newEncoder = () => parts.createEncoder(PAGE_ID);
