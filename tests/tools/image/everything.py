"""Imports every module of the operator, and says how many there are.

It is run by the Python of an image, which has nothing of the tests.
"""

import importlib
import pkgutil

import mailbox_operator


def names() -> list[str]:
    """Name the modules, but not the one that runs the program."""
    found = pkgutil.walk_packages(mailbox_operator.__path__, f"{mailbox_operator.__name__}.")
    return [each.name for each in found if each.name.rpartition(".")[2] != "__main__"]


for name in names():
    importlib.import_module(name)
print(len(names()))
