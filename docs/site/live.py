"""The live parts of the site: the chapters' C++ as WebAssembly, the text it learns from, the weights that come along."""

import base64
import shutil
from pathlib import Path

from tree import HERE

LIVE = HERE.parent / "live"
# Widgets that run the C++; their scripts stand beside it, and need client.js first.
WIDGETS = {file.stem for file in LIVE.glob("*.js")} - {"client", "engine"}
# The models that the landing page trains, by the names of their runs.
MODELS = ["ch01", "ch02", "ch03", "ch04", "ch05_norm", "ch06", "ch07"]
MISSING = ("This copy of the site was built without the C++ for the page. To have it: "
           "apt-get install clang lld libc++-dev-wasm32 libclang-rt-dev-wasm32, then build the site again.")


def packed(name, file):
    """A file as a classic script: on file:// nothing can be fetched, but scripts run."""
    return f'bardlingLive.files["{name}"] = "{base64.b64encode(file.read_bytes()).decode()}";\n'


def copy_live(wasm, folder):
    folder.mkdir(parents=True)
    for file in LIVE.glob("*.js"):
        shutil.copy(file, folder)
    files = {"play": LIVE.parent.parent / "data/original_play.txt"}
    files |= {file.stem: file for file in (LIVE / "weights").glob("*.safetensors")}
    if wasm and Path(wasm).exists():
        files["wasm"] = Path(wasm)
    else:
        with (folder / "client.js").open("a", encoding="utf-8") as client:
            client.write(f"bardlingLive.missing = {MISSING!r};\n")
    for name, file in files.items():
        (folder / f"{name}.js").write_text(packed(name, file), encoding="utf-8")
    return "wasm" in files
