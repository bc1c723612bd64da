import boundaries from 'eslint-plugin-boundaries';
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import tseslint from 'typescript-eslint';

/** Every project of the workspace, as an element of the type that its project.json is tagged with. */
const projects = ['apps', 'libs', 'tools']
  .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))
  .filter((folder) => existsSync(`${folder}/project.json`))
  .map((pattern) => ({ pattern, type: typeTag(JSON.parse(readFileSync(`${pattern}/project.json`, 'utf8'))) }));

function typeTag({ name, tags = [] }) {
  const tag = tags.find((candidate) => candidate.startsWith('type:'));
  if (!tag || !tags.some((candidate) => candidate.startsWith('scope:'))) throw new TypeError(`${name} needs a scope: and a type: tag`);
  return tag.slice('type:'.length);
}

const library = 'libs/tenancy-migrations/src/lib';
const to = (...types) => ({ to: { type: types } });

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '.postgres/**', '**/fixtures/**'] },
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-console': 'error',
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 50 }],
      'no-restricted-imports': ['error', {
        patterns: [{ regex: '^(\\.\\./)+(apps|libs|tools)/', message: 'Import another project by its package name: only what its index.ts exports is its face.' }],
      }],
    },
  },
  {
    files: ['**/*.ts'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: { project: 'tsconfig.json' } },
      'boundaries/include': ['apps/**', 'libs/**', 'tools/**'],
      'boundaries/elements': [
        { type: 'pure', pattern: `${library}/core`, mode: 'folder' },
        ...projects,
      ],
    },
    rules: {
      'boundaries/dependencies': ['error', {
        default: 'disallow',
        rules: [
          { from: { type: '*' }, allow: { dependency: { relationship: { to: 'internal' } } } },
          { from: { type: 'library' }, allow: to('pure') },
          { from: { type: 'product' }, allow: to('library') },
          { from: { type: 'app' }, allow: to('library', 'product') },
          { from: { type: 'testing' }, allow: to('tool') },
        ],
      }],
    },
  },
  {
    files: [`${library}/core/**/*.ts`],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', {
        patterns: [{ regex: '^[^.]', allowTypeImports: true, message: 'The core is pure: no I/O, no Nest, no library at run time.' }],
      }],
    },
  },
  {
    files: ['**/*.spec.ts', '**/test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off', 'boundaries/dependencies': 'off' },
  },
  {
    files: ['tools/*.ts', 'tools/embedded-postgres/**/*.ts'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    ...tseslint.configs.disableTypeChecked,
  },
  { files: ['**/*.js'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
