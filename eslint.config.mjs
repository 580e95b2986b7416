import pulumi from '@pulumi/eslint-plugin';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/', '.sandbox/', '.out/', 'test/golden/', 'test/engine/programs/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { '@pulumi': pulumi.default ?? pulumi },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@pulumi/no-output-in-template-literal': 'error',
      '@pulumi/no-output-instance-in-template-literal': 'error',
      eqeqeq: 'error',
      'no-empty': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Numbers and booleans read well in messages; objects and promises do not, and stay forbidden.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `noUncheckedIndexedAccess` asks for an assertion where the index is known to be good.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Types cannot know what arrives from a file, a process or a cluster: a check that they call needless may not be.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    // The engine's stubs have no types of use, and tests look into plans, states and live objects: JSON all of it.
    files: ['infra/sandbox/engine/**/*.ts', 'infra/sandbox/providers/**/*.ts', 'test/**/*.ts'],
    rules: Object.fromEntries(
      ['argument', 'assignment', 'call', 'class-instance-assignment', 'member-access', 'return']
        .map((kind) => [`@typescript-eslint/no-unsafe-${kind}`, 'off'])
        .concat([
          ['@typescript-eslint/no-explicit-any', 'off'],
          ['@typescript-eslint/require-await', 'off'],
          ['@typescript-eslint/no-misused-spread', 'off'],
        ]),
    ),
  },
  {
    // `test()` and `describe()` return promises that the runner awaits.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'suite'] },
          ],
        },
      ],
    },
  },
);
