"""The clinic's rules: small functions about one person or one role, and the day that calls them.

Each rule sees what the rules before it have left, so the order in `rules.day` is part of the model;
why a rule stands where it does is said there.
"""
