"""Takes outputs out of notebooks: `python docs/site/notebooks.py FILE ...`.

Tutorials are executed when the site is built, so what they print is never committed. Exits with 1
where something was taken out, as hooks do.
"""

import json
import sys
from pathlib import Path


def cleared(text: str) -> str:
    """The text of a notebook without outputs, counts and what an editor noted."""
    notebook = json.loads(text)
    notebook["metadata"].pop("widgets", None)
    notebook["metadata"]["language_info"] = {"name": "python"}
    notebook["metadata"]["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    for cell in notebook["cells"]:
        cell["metadata"].pop("execution", None)
        if cell["cell_type"] == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
    written = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    return f"{written}\n"


def main(paths: list[str]) -> int:
    """Clear the notebooks named; 1 if one of them was not clear, else 0."""
    changed = 0
    for path in map(Path, paths):
        text = path.read_text(encoding="utf-8")
        clear = cleared(text)
        if clear != text:
            path.write_text(clear, encoding="utf-8", newline="\n")
            print(f"cleared {path}")
            changed = 1
    return changed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
