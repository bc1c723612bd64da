'use strict';
// nx:run-commands passes arguments through a shell, where --schema='$(id)' runs id. This executor starts the program without one.
const { spawn } = require('node:child_process');

/** `{ schema: 'demo', dryRun: true }` back to `--schema=demo --dry-run`, as the user typed it. */
function toArguments(options) {
  return Object.entries(options).flatMap(([key, value]) => {
    const flag = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) return [flag];
    return (Array.isArray(value) ? value : [value]).map((item) => `${flag}=${item}`);
  });
}

module.exports = async function runProgram({ program, command, _: rest = [], ...options }, context) {
  const args = ['-r', './tools/register.js', './tools/with-database.ts', program, ...(command ? [command] : []), ...rest.map(String), ...toArguments(options)];
  const child = spawn(process.execPath, args, { cwd: context.root, stdio: 'inherit' });
  // Ctrl-C reaches the whole foreground group; the program decides when it ends.
  const wait = () => undefined;
  process.on('SIGINT', wait);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
  process.off('SIGINT', wait);
  return { success: code === 0 };
};
