"""Builds the documentation site: `python docs/site/build.py`, or `python3 dev.py site`.

Pages are gathered below `build/`, made into HTML with every warning an error, and looked through;
then they take the place of `site/`. Links that lead out of the site are listed in
`build/external-links.txt`; whether they still lead anywhere is not looked up. Nothing is loaded
from a network.
"""

import logging
import os
import re
import shutil
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from check import faults, leading_out
from gather import HERE, PROJECT, DeadLink, gather
from sphinx.cmd.build import main as sphinx

PAGES = PROJECT / "build" / "site-pages"
WORK = PROJECT / "build" / "site-work"
MADE = WORK / "made" / "html"
EXTERNAL = PROJECT / "build" / "external-links.txt"
SITE = PROJECT / "site"


def main() -> int:
    """Build the site; 0 if all went well, else 1."""
    shutil.rmtree(WORK, ignore_errors=True)
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        os.environ[name] = str(WORK / name.lower())
    quiet = WORK / "ipythondir" / "profile_default" / "ipython_kernel_config.py"
    quiet.parent.mkdir(parents=True)
    quiet.write_text("c.IPKernelApp.log_level = 'ERROR'\n", encoding="utf-8")
    # Mesa imports a progress bar that misses its widgets.
    os.environ["PYTHONWARNINGS"] = "ignore:IProgress not found"
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    logging.getLogger("traitlets").setLevel(logging.WARNING)
    try:
        gather(PAGES)
    except DeadLink as link:
        print(f"a link leads nowhere: {link}", file=sys.stderr)
        return 1
    strictly = ["--fail-on-warning", "--keep-going", "--fresh-env", "--no-color"]
    where = ["-c", str(HERE), "-d", str(WORK / "doctrees"), str(PAGES), str(MADE)]
    with redirect_stdout(StringIO()) as progress:
        failed = sphinx([*strictly, "-b", "html", *where])
    executed = re.findall(r"(\S+): Executed notebook in ([\d.]+) seconds", progress.getvalue())
    for tutorial, seconds in executed:
        print(f"{Path(tutorial).stem}: {float(seconds):.0f} s")
    if failed:
        return 1
    found = list(faults(MADE))
    for one in found:
        print(one, file=sys.stderr)
    if found:
        return 1
    external = leading_out(MADE)
    EXTERNAL.write_text("".join(f"{one}\n" for one in external), encoding="utf-8")
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.move(MADE, SITE)
    pages = len(list(SITE.rglob("*.html")))
    print(f"{pages} pages; {len(external)} external links, not looked up, are in {EXTERNAL}")
    print(f"open {SITE / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
