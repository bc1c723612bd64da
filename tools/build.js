'use strict';
// Compiles every project into dist/, each below the path of its source, and makes packages of them: package.json, README and LICENSE beside the
// code, and dist/node_modules leading to the libraries, so that dist/ runs by itself.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const LIBRARIES = ['libs/tenancy-migrations', 'libs/database'];
const PROGRAMS = ['apps/migrate-cli', 'apps/api'];

function makePackage(project) {
  const folder = path.join(root, 'dist', project);
  for (const file of ['package.json', 'README.md']) {
    const source = path.join(root, project, file);
    if (fs.existsSync(source)) fs.copyFileSync(source, path.join(folder, file));
  }
  fs.copyFileSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
}

/** What a package names in bundleDependencies travels inside of it. */
function bundle(project) {
  const { bundleDependencies = [] } = require(path.join(root, project, 'package.json'));
  for (const name of bundleDependencies) {
    fs.cpSync(path.join(root, 'node_modules', name), path.join(root, 'dist', project, 'node_modules', name), { recursive: true });
  }
}

function linkPackage(project) {
  const { name } = require(path.join(root, project, 'package.json'));
  const link = path.join(root, 'dist/node_modules', name);
  fs.mkdirSync(path.dirname(link), { recursive: true });
  fs.rmSync(link, { force: true });
  fs.symlinkSync(path.relative(path.dirname(link), path.join(root, 'dist', project)), link, 'dir');
}

fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-b', ...PROGRAMS], { cwd: root, stdio: 'inherit' });
[...LIBRARIES, ...PROGRAMS].forEach(makePackage);
PROGRAMS.forEach(bundle);
LIBRARIES.forEach(linkPackage);
