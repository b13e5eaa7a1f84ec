"""Small wheels in a folder that pip and uv install from, without a network: for what goes wrong on the way.

What must really work is tested with the real packages.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping, Sequence
from importlib import util
from pathlib import Path

WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
#: As much of MLflow as the test of an environment touches.
MLFLOW = {
    "mlflow/__init__.py": "__version__ = '3.99.0'\n",
    "mlflow/server/__init__.py": "",
    "mlflow/tracking/__init__.py": (
        "class MlflowClient:\n"
        "    def __init__(self, uri):\n"
        "        assert uri.startswith('sqlite:///')\n"
        "    def search_experiments(self):\n"
        "        return ['Default']\n"
    ),
}
#: Does not end when it is imported, and neither does what it starts.
ENDLESS = {
    **MLFLOW,
    "mlflow/__init__.py": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    ),
}
IPYKERNEL = {"ipykernel/__init__.py": "", "ipykernel/kernelapp.py": "", "ipykernel_launcher.py": ""}


class Wheelhouse:
    """A folder of wheels."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.add("mlflow", "3.99.0", MLFLOW)
        self.add("mlflow", "3.66.0", ENDLESS)
        self.add("mlflow", "3.55.0", {"mlflow/__init__.py": "raise ImportError('a part is missing')\n"})
        self.add("ipykernel", "7.0.0", IPYKERNEL)
        self.add("alpha", "1.0", {"alpha.py": ""})
        self.add("alpha", "2.0", {"alpha.py": ""})
        self.add("beta", "1.0", {"beta.py": ""}, requires=["alpha<2"])

    @property
    def environ(self) -> Mapping[str, str]:
        """Variables that let pip and uv install from here and from nowhere else."""
        # The pip that comes with Python, for environments that get one.
        found = util.find_spec("ensurepip")
        bundled = os.path.join(os.path.dirname((found and found.origin) or ""), "_bundled")
        return {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": f"{self.folder} {bundled}",
            "UV_NO_CONFIG": "1",
            "UV_NO_INDEX": "1",
            "UV_FIND_LINKS": f"{self.folder},{bundled}",
        }

    def add(self, name: str, version: str, files: Mapping[str, str], *, requires: Sequence[str] = ()) -> None:
        """Make a wheel."""
        metadata = f"{name}-{version}.dist-info"
        needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
        every = {
            **files,
            f"{metadata}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
            f"{metadata}/WHEEL": WHEEL,
        }
        record = "".join(f"{path},,\n" for path in [*every, f"{metadata}/RECORD"])
        with zipfile.ZipFile(self.folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            for path, text in {**every, f"{metadata}/RECORD": record}.items():
                wheel.writestr(path, text)
