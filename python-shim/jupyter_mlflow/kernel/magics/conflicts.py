"""What MLflow does not work beside, and Pythons of old releases: one table for kernel, server and page.

`scripts/generate.mjs` takes it from between the quotes. Each conflict was tried: MLflow's wheels, imported
beside these packages. Ranges are from, and before; null is all that came since.
"""

import json

TABLE = json.loads(
    """
{
  "conflicts": [
    {
      "mlflow": ["2.0", "2.16"],
      "package": "setuptools",
      "versions": ["82", null],
      "breaks": "import",
      "lacks": "pkg_resources",
      "remedy": "setuptools<81"
    },
    {
      "mlflow": ["2.0", "3.9"],
      "package": "sqlalchemy",
      "versions": ["2.1", null],
      "breaks": "database",
      "lacks": "FallbackAsyncAdaptedQueuePool",
      "remedy": "sqlalchemy<2.1"
    },
    {
      "mlflow": ["2.0", "2.10"],
      "package": "werkzeug",
      "versions": ["3", null],
      "breaks": "server",
      "lacks": "werkzeug.urls.url_quote",
      "remedy": "werkzeug<3",
      "beside": ["flask", "2.0", "2.2.3"]
    }
  ],
  "pythons": [
    { "mlflow": ["2.0", "2.9"], "python": ["3.8", "3.12"] },
    { "mlflow": ["2.9", "3.0"], "python": ["3.9", "3.13"] }
  ]
}
"""
)
