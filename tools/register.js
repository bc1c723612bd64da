'use strict';
// `node -r ./tools/register.js main.ts` runs the TypeScript sources as they stand: swc compiles a file when it is required,
// and the workspace's package names lead to their sources, by the one list in tsconfig.base.json.
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { transformSync } = require('@swc/core');

const root = path.resolve(__dirname, '..');
const { paths } = require('../tsconfig.base.json').compilerOptions;
const swcrc = JSON.parse(fs.readFileSync(path.join(root, '.swcrc'), 'utf8'));

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(fs.readFileSync(filename, 'utf8'), { ...swcrc, swcrc: false, filename });
  module._compile(code, filename);
};

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) =>
  resolveFilename(paths[request] ? path.join(root, paths[request][0]) : request, ...rest);
