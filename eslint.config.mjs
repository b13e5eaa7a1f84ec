import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      'lib/',
      '**/dist/',
      '.envs/',
      '.work/',
      'python-shim/',
      'coverage/',
      '**/*.generated.*',
      'ui-tests/test-results/',
      'ui-tests/playwright-report/',
      'babel.config.js',
      'jest.config.js',
      '.envs*/'
    ]
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.test.json'],
        tsconfigRootDir: import.meta.dirname
      }
    },
    plugins: { jupyter, 'react-hooks': hooks },
    rules: {
      ...Object.assign(
        {},
        ...jupyter.configs.recommended.map(({ rules }) => rules)
      ),
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports' }
      ],
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false } }
      ],
      // `signal.connect(this._onX, this)` is how Lumino binds.
      '@typescript-eslint/unbound-method': 'off',
      'max-lines': [
        'error',
        { max: 450, skipBlankLines: true, skipComments: true }
      ],
      eqeqeq: 'error',
      curly: 'error'
    }
  },
  {
    // Labels of tests are read by nobody.
    files: ['src/**/*.spec.{ts,tsx}'],
    rules: { 'jupyter/no-untranslated-string': 'off' }
  },
  prettier
);
