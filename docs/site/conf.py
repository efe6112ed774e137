"""How Sphinx makes the site of the pages that `gather` has put together."""

from importlib.metadata import version as version_of

from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring

project = "txsim"
author = "The txsim developers"
copyright = "The txsim developers, MIT licence"
version = release = version_of("txsim")
language = "en-GB"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
]

# Names of other projects cannot be looked up without a network; those of our own must exist.
nitpicky = True
# Of what public classes hold, these are left to their sources.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!txsim\.).*"),
    (r"py:class", r"txsim\.(catalogue\.load\.Catalogue|catalogue\.vocabulary\.Hazard)"),
    (r"py:class", r"txsim\.story\.lives\.Life"),
]

myst_enable_extensions = ["colon_fence", "attrs_inline"]
myst_heading_anchors = 4
myst_links_external_new_tab = False

# Tutorials are executed each time, in a folder of their own; what fails there is told as a warning,
# and warnings are errors.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 300  # the first run on a machine compiles the rules
nb_execution_show_tb = True
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # would be loaded from another host

# Docstrings set names of code in single backticks.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 72
add_module_names = False

html_theme = "furo"
html_title = "txsim"
html_static_path = ["static"]
html_css_files = ["txsim.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#1f5f8b",
        "color-brand-content": "#1f5f8b",
        "color-code-background": "#f4f6f8",
        "color-api-name": "#1f5f8b",
        "color-api-pre-name": "#1f5f8b",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7fb8de",
        "color-brand-content": "#7fb8de",
        "color-api-name": "#7fb8de",
        "color-api-pre-name": "#7fb8de",
    },
    "top_of_page_buttons": [],
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "github-dark"


def setup(app: Sphinx) -> None:
    """Read docstrings as they are written here."""
    app.connect("autodoc-process-docstring", google_sections)
    app.connect("autodoc-process-signature", no_constructor)


def google_sections(
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Turn sections such as `Args:` into lists; a colon in a property's line opens none."""
    if what not in ("property", "attribute", "data"):
        lines[:] = GoogleDocstring(lines, Config(), what=what, name=name, obj=thing).lines()


def no_constructor(
    app: Sphinx, what: str, name: str, thing: object, options: object, *signature: str | None
) -> tuple[str, str] | None:
    """Leave out how a class is made: those of the reference are handed out, not made by users."""
    return ("", "") if what == "class" else None
