/** Names of packages by the names of modules, where they are certain: of the packages that notebooks import most. */
const PACKAGES: Readonly<Record<string, string>> = {
  bs4: 'beautifulsoup4',
  cv2: 'opencv-python',
  dateutil: 'python-dateutil',
  dotenv: 'python-dotenv',
  PIL: 'pillow',
  skimage: 'scikit-image',
  sklearn: 'scikit-learn',
  yaml: 'pyyaml'
};

/** Packages that are called as their module is. */
const SAME_NAME: ReadonlySet<string> = new Set([
  'altair',
  'bokeh',
  'boto3',
  'catboost',
  'datasets',
  'hyperopt',
  'ipywidgets',
  'joblib',
  'keras',
  'lightgbm',
  'matplotlib',
  'networkx',
  'nltk',
  'numpy',
  'openpyxl',
  'optuna',
  'pandas',
  'plotly',
  'polars',
  'prophet',
  'psutil',
  'pyarrow',
  'pyspark',
  'requests',
  'scipy',
  'seaborn',
  'shap',
  'spacy',
  'sqlalchemy',
  'statsmodels',
  'tensorflow',
  'torch',
  'torchvision',
  'tqdm',
  'transformers',
  'xgboost'
]);

/** The package that brings a module; null where that is not known for certain. */
export function packageOf(module: string): string | null {
  return SAME_NAME.has(module)
    ? module
    : Object.hasOwn(PACKAGES, module)
      ? PACKAGES[module]
      : null;
}
