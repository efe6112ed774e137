"""One patient's life in plain words, alone or beside the same life under another design."""

from txsim.story.whole_life import Story, story

__all__ = ["Story", "story"]
