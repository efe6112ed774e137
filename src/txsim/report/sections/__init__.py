"""One file a part of the page: what it shows, beside the fragment of the page that shows it.

Each has one entry, `show`, which takes the view of a comparison and returns what its fragment
needs, or ``None`` where there is nothing to show and the part is left out. Parts with a fragment of
their own stand in `page.SECTIONS`, those that are one picture in `in_detail.FIGURES`.
"""
