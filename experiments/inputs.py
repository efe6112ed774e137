"""The files of one trial of the fuzz, the luck that settles them, and bytes that are broken."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

MAIN = "mine.toml"


@dataclass
class Inputs:
    """Files to be written into an empty folder, and the one that is read."""

    files: dict[str, bytes]
    read: str = MAIN
    links: dict[str, str] = field(default_factory=dict)
    """Links by name, and where each leads."""
    folders: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    """Texts that no message may hold."""

    def written_into(self, folder: Path) -> str:
        """The path of the file to be read, all being written into a folder."""
        for name in self.folders:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text)
        for name, target in self.links.items():
            (folder / name).symlink_to(target)
        return str(folder / self.read)


def chance(kind: str, seed: int, number: int) -> Random:
    """All luck of one trial."""
    return Random(f"{kind}:{seed}:{number}")


SIGNS = (*"\"'[]{}=#.,\n\r\t\\ax0_-+eE:%$^<>&", "\0", "\x1b", "é", "\u202e", "\U0001f600")


def broken_bytes(luck: Random, raw: bytes) -> bytes:
    """A text with a few bytes changed, left out, put in, moved or repeated."""
    held = bytearray(raw)
    for _ in range(luck.choice((1, 1, 2, 3, 8, 30))):
        at = luck.randrange(len(held) + 1)
        length = luck.choice((1, 1, 2, 5, 20, 200))
        piece = bytes(held[at : at + length])
        new = luck.choice(
            (
                b"",
                bytes(luck.randrange(256) for _ in range(length)),
                luck.choice(SIGNS).encode(),
                piece * luck.choice((2, 3, 50)),
                luck.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\r\n", b"\0")),
                bytes(raw[(start := luck.randrange(len(raw) or 1)) : start + length]),
            )
        )
        held[at : at + length] = new
    return bytes(held)
