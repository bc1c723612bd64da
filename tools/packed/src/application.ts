import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { run, succeed, type Outcome } from './program';
import type { Tarball } from './tarball';

const FIXTURES = join(__dirname, '../fixtures');

/** An application outside of the workspace: one of the fixtures, with the packages installed from their tarballs. */
export class Application {
  private constructor(private readonly folder: string) {}

  /** Makes the application in a new folder. A conflict of peer dependencies is an error, not a warning. */
  static async install(fixture: string, folder: string, tarballs: readonly Tarball[]): Promise<Application> {
    cpSync(join(FIXTURES, fixture), folder, { recursive: true });
    cpSync(join(FIXTURES, 'source'), join(folder, 'src'), { recursive: true });
    const files = tarballs.map(({ file }) => file);
    await succeed('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--strict-peer-deps', ...files], { cwd: folder });
    return new Application(folder);
  }

  /** `tsc`, as the application configures it. */
  async compile(): Promise<Outcome> {
    return this.npx('tsc', ['-p', '.']);
  }

  /** The compiled application, to its end. */
  async start(databaseUrl: string): Promise<Outcome> {
    return run(process.execPath, ['dist/main.js'], { cwd: this.folder, env: { DATABASE_URL: databaseUrl } });
  }

  /** The packed CLI, without a database if none is given. */
  async cli(args: readonly string[], databaseUrl?: string): Promise<Outcome> {
    return this.npx('migrate-cli', args, { DATABASE_URL: databaseUrl, DIRECT_DATABASE_URL: undefined, TENANCY_CONFIG: undefined });
  }

  /** Where a package is installed, and as which version: `node_modules/typeorm@1.1.1`. */
  async installed(name: string): Promise<string[]> {
    const { stdout } = await succeed('npm', ['query', `[name="${name}"]`], { cwd: this.folder });
    const found = JSON.parse(stdout) as readonly { readonly location: string; readonly version: string }[];
    return found.map(({ location, version }) => `${location}@${version}`);
  }

  /** What npm thinks of the whole tree: fails for a peer dependency that is missing or does not fit. */
  async checkTree(): Promise<Outcome> {
    return run('npm', ['ls', '--all'], { cwd: this.folder });
  }

  private async npx(program: string, args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Promise<Outcome> {
    return run('npx', ['--no-install', program, ...args], { cwd: this.folder, env });
  }
}
