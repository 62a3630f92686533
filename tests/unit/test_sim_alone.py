"""The simulation runs on ints and lists: it imports no arrays and reads no files."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

IMPORT_ALL = """
import pkgutil, sys
import pydoom.sim
for module in pkgutil.walk_packages(pydoom.sim.__path__, "pydoom.sim."):
    __import__(module.name)
print(*sys.modules)
"""


def test_importing_the_simulation_loads_neither_numpy_nor_anything_that_reads_files() -> None:
    run = subprocess.run([sys.executable, "-c", IMPORT_ALL], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "pydoom.sim.enemy.brain" in loaded
    assert not loaded & {"numpy", "omg", "csv", "importlib.resources", "zipfile", "pydoom.data.infotables"}
