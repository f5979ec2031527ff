"""The compiled kernel of sparse layers; all else stands in pyproject.toml.

Optional: where no compiler is, the installation goes on without it and plain torch serves.
"""

from glob import glob

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "inference.sparse._kernel",
            sources=sorted(glob("inference/sparse/native/*.cpp")),
            depends=sorted(glob("inference/sparse/native/*.hpp")),
            # Instruction sets are named function by function, so that one file runs everywhere.
            extra_compile_args=["-std=c++17", "-O3", "-Wno-psabi", "-pthread"],
            extra_link_args=["-pthread"],
            language="c++",
            optional=True,
        )
    ]
)
