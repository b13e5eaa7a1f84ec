"""`import jupyter_mlflow` in a kernel without the package: the widgets and the magics, as they were sent."""

import sys

NAME = "jupyter_mlflow"
WIDGETS = ("Compare", "MetricChart", "ModelCard", "RunCard", "RunTable")


class _Finder:
    """The last to be asked, so that an installed package goes before it."""

    def find_spec(self, name, path=None, target=None):
        if name != NAME:
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(NAME, self, origin="<jupyter-mlflow>")

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__doc__ = (
            "MLflow inside the notebook: widgets of runs. `%mlflow help` shows what else there is."
        )
        module.__getattr__ = widget_class
        module.__dir__ = lambda: sorted([*module.__dict__, *WIDGETS])
        module.load_ipython_extension = _load


def widget_class(name):
    """One of WIDGETS, by PEP 562.

    :raises ImportError: the kernel has no ipywidgets
    """
    if name not in WIDGETS:
        raise AttributeError("module %r has no attribute %r" % (NAME, name))
    # Looked up anew: a newer shim may have taken the place of this one.
    return getattr(sys.modules[__package__ + ".magic"].second_stage("widgets"), name)


def _load(shell):
    sys.modules[__package__ + ".magic"].install(shell)


def install():
    """Offer the module to this kernel."""
    for finder in list(sys.meta_path):
        if type(finder).__name__ == _Finder.__name__ and type(finder).__module__ == __name__:
            sys.meta_path.remove(finder)
    sys.meta_path.append(_Finder())
