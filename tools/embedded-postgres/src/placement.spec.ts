import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync } from 'node:fs';
import { readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installedPackage, PACKAGE_NAME } from './binary-package';
import { type DevelopmentServer, ensureDevelopmentServer } from './development-server';
import { mayEnter, serverUser } from './server-user';
import { makeCheckout, removeCheckout } from './spec-checkout';
import { evaluate, type SpecChild } from './spec-child';

/** Only root can become somebody else, and somebody else can read this checkout only if it is not in a private folder. */
const nobody = serverUser();
const installed = installedPackage(__dirname)?.folder ?? '';
const asRoot = nobody ? describe : describe.skip;
const inOpenCheckout = nobody && mayEnter(nobody, __dirname) ? it : it.skip;

asRoot('who runs the development server, and where', () => {
  let workspaceRoot: string;
  let copies: string;
  const uid = nobody?.uid ?? 0;

  beforeEach(() => {
    workspaceRoot = makeCheckout();
    copies = mkdtempSync(join(tmpdir(), 'copies-'));
    chmodSync(copies, 0o777);
  });
  afterEach(async () => {
    await removeCheckout(workspaceRoot);
    rmSync(copies, { recursive: true });
  });

  /** In a process of its own, whose temporary folder is `copies`. */
  const ensure = (child: SpecChild = {}) => {
    const call = `launcher.ensureDevelopmentServer(${JSON.stringify({ workspaceRoot })})`;
    return evaluate<DevelopmentServer>(call, { ...child, env: { TMPDIR: copies } });
  };

  it('is nobody for root, in the checkout', async () => {
    const { dataFolder, pid } = await ensureDevelopmentServer({ workspaceRoot });
    expect(dataFolder).toBe(join(workspaceRoot, '.postgres', '18', 'data'));
    expect([statSync(dataFolder).uid, statSync(`/proc/${pid}`).uid]).toEqual([uid, uid]);
  });

  it('is the owner of the checkout for root, so that the owner can use it too', async () => {
    chownSync(workspaceRoot, uid, uid);
    const { dataFolder } = await ensureDevelopmentServer({ workspaceRoot });
    const files = [dataFolder, dirname(dataFolder), join(dirname(dataFolder), 'server.log')];
    expect(files.map((path) => statSync(path).uid)).toEqual([uid, uid, uid]);
  });

  inOpenCheckout('is an ordinary user for that user, even when the installed binaries are not complete and not writable', async () => {
    installWithoutScripts(workspaceRoot);
    chownSync(workspaceRoot, uid, uid);
    const { dataFolder, pid } = await ensure({ uid });

    expect(dataFolder).toBe(join(workspaceRoot, '.postgres', '18', 'data'));
    expect(statSync(dataFolder).uid).toBe(uid);
    expect(programOf(pid)).toContain(join(copies, `tenancy-migrations-postgres-${uid}`));
  });

  it('is nobody, from a copy and with its data below /var/tmp, when nobody cannot enter the checkout', async () => {
    mkdirSync(join(workspaceRoot, 'node_modules'));
    symlinkSync(dirname(installed), join(workspaceRoot, 'node_modules', dirname(PACKAGE_NAME)));
    chmodSync(dirname(workspaceRoot), 0o700);
    const { dataFolder, pid } = await ensure();

    expect(dataFolder).toMatch(/^\/var\/tmp\/tenancy-migrations-[0-9a-f]{12}\/18\/data$/);
    expect(existsSync(join(workspaceRoot, '.postgres'))).toBe(false);
    expect(programOf(pid)).toContain(join(copies, 'tenancy-migrations-postgres-0'));
    expect(await ensure()).toMatchObject({ pid, dataFolder, started: false });
  });

  inOpenCheckout('refuses the data of another user with a remedy', async () => {
    await ensureDevelopmentServer({ workspaceRoot });
    await expect(ensure({ uid: uid - 1 })).rejects.toThrow('FOLDER_NOT_ACCESSIBLE');
  });
});

/** As `npm ci --ignore-scripts` leaves it. */
function installWithoutScripts(workspaceRoot: string): void {
  const filter = (path: string) => !lstatSync(path).isSymbolicLink();
  cpSync(installed, join(workspaceRoot, 'node_modules', PACKAGE_NAME), { recursive: true, filter });
}

function programOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
}
