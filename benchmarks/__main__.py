"""``python -m benchmarks``: every benchmark in turn. They report; they never fail for being slow."""

import importlib
import pkgutil

import benchmarks

for module in sorted(info.name for info in pkgutil.iter_modules(benchmarks.__path__) if info.name != "__main__"):
    print(f"\n## {module}\n", flush=True)
    importlib.import_module(f"benchmarks.{module}").main()
