"""The wheel holds the libraries, so it is for one machine and any Python 3; the version is that of the libraries."""

import re
from pathlib import Path

from setuptools import setup
from setuptools.dist import Distribution
from wheel.bdist_wheel import bdist_wheel


class Wheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


class WithLibraries(Distribution):
    def has_ext_modules(self):
        return True


def version():
    """As weft_version.h says; `make wheel` lays it beside this file."""
    header = (Path(__file__).parent / "weft_version.h").read_text()
    return ".".join(re.findall(r"define WEFT_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))


setup(version=version(), distclass=WithLibraries, cmdclass={"bdist_wheel": Wheel})
