"""How deep, how long and how much a TOML text may be, measured before anything reads it.

A TOML reader takes what it is given: keys of twenty thousand parts cost it gigabytes, figures of
five thousand digits stop it. No scenario comes near these limits, so a text beyond them is
refused, with its line, after one look from its beginning to its end.
"""

import re

MOST_LEVELS = 20
"""Tables and lists inside each other, and parts of a dotted key; the deepest figure has 7."""

TOO_DEEP = f"the values are nested too deeply (allowed {MOST_LEVELS} levels)"

MOST_VALUES = 10_000
"""Values in a scenario with all it extends; the fullest has some hundreds."""

LONGEST_WORD = 200
"""Characters of a key or a figure without quotation marks."""

# A multi-line string may end in five quotation marks, of which two belong to the text.
STRING = (
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
)
"""Pattern of a text in quotation marks of any kind (dots must match line ends)."""

_TOKEN = re.compile(
    rf"(?P<text>{STRING}|\#[^\n]*)|(?P<gap>[ \t\r]+)|"
    r"""(?P<word>[^\s"'\#.,=\[\]{}]+)|(?P<sign>.)""",
    re.DOTALL,
)


class TooMuch(Exception):
    """A text is beyond what a scenario may be; `line` counts from 1, 0 when it is the whole."""

    def __init__(self, message: str, line: int = 0) -> None:
        """Keep where it was found."""
        super().__init__(message)
        self.line = line


def measure(text: str) -> None:
    """Raise TooMuch when the text nests too deeply, is too long in one word or says too much.

    What stands in quotation marks or in a comment does not count. Where the text is not TOML the
    measure may end early: a reader stops there too.
    """
    line, parts, brackets, values = 1, 1, 0, 0
    for token in _TOKEN.finditer(text):
        kind, written = token.lastgroup, token.group()
        if written in ('"', "'") or (
            written in ('""', "''") and text.startswith(written[0], token.end())
        ):
            break  # quotation marks that nobody closes
        if kind == "text":
            line += written.count("\n")
        elif kind == "word" and len(written) > LONGEST_WORD:
            message = f"a key or figure has {len(written):,} characters (allowed {LONGEST_WORD})"
            raise TooMuch(message, line)
        elif kind == "sign":
            line += written == "\n"
            parts = parts + 1 if written == "." else 1
            brackets += (written in "[{") - (written in "]}")
            values += written in "=,["
            if max(parts, brackets) > MOST_LEVELS:
                raise TooMuch(TOO_DEEP, line)
    if values > MOST_VALUES:
        message = f"the file holds {values:,} values (allowed {MOST_VALUES:,})"
        raise TooMuch(message)
