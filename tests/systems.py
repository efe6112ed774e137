"""Which tests need what only some systems have."""

import os

import pytest

posix_only = pytest.mark.skipif(
    os.name != "posix", reason="Windows has no such rights, links, pipes or signals"
)
