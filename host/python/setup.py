"""The version is that of the libraries.  A wheel with the libraries in it is for one kind of machine and any Python 3; without
them, as a distribution packages it beside its own libweft, the package is for all machines."""

import re
from pathlib import Path

from setuptools import setup
from setuptools.dist import Distribution
from wheel.bdist_wheel import bdist_wheel


HERE = Path(__file__).resolve().parent
HAS_LIBRARIES = any(HERE.glob("weft/lib/*.so.*"))


class Wheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = not HAS_LIBRARIES

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2]) if HAS_LIBRARIES else super().get_tag()


class WithLibraries(Distribution):
    def has_ext_modules(self):
        return HAS_LIBRARIES


def version():
    """As weft_version.h says, which `make wheel` lays beside this file."""
    places = HERE / "weft_version.h", HERE.parent / "include" / "weft" / "weft_version.h"
    header = next(place for place in places if place.exists()).read_text()
    return ".".join(re.findall(r"define WEFT_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))


setup(version=version(), distclass=WithLibraries, cmdclass={"bdist_wheel": Wheel})
