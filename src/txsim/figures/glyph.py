"""The small sign of a design, set beside its name so that names and pictures are read together."""

from txsim.figures.style import Look

_MARKS = {
    "o": '<circle cx="15" cy="6" r="3.6"/>',
    "s": '<rect x="11.6" y="2.6" width="6.8" height="6.8"/>',
    "^": '<path d="M15 1.8 19 9.4H11Z"/>',
    "D": '<path d="M15 1.2 19.8 6 15 10.8 10.2 6Z"/>',
    "v": '<path d="M15 10.2 19 2.6H11Z"/>',
    "P": '<path d="M13.4 1.8h3.2v2.6h2.6v3.2h-2.6v2.6h-3.2v-2.6h-2.6v-3.2h2.6Z"/>',
}


def glyph(look: Look) -> str:
    """Return a design's line and marker as a small ``svg`` element, hidden from screen readers."""
    dashes = " ".join(f"{length * 1.6:g}" for length in look.dashes)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<svg class="glyph" viewBox="0 0 30 12" aria-hidden="true" fill="{look.colour}">'
        f'<path d="M0 6H30" stroke="{look.colour}" stroke-width="1.8" fill="none"{dashed}/>'
        f"{_MARKS[look.marker]}</svg>"
    )
