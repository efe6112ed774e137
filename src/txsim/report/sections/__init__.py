"""One file a part of the page. Each has one entry, `show`, which takes the view of a comparison.

Parts with a fragment of the page beside them stand in `page.SECTIONS`; `show` returns what the
fragment needs, or ``None`` where there is nothing to show and the part is left out. Parts that are
one picture stand in `in_detail.FIGURES`; `show` returns a heading and the picture, if there is one.
"""
